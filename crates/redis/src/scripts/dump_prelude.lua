-- Shared by the scripts that read and write a whole journal.
-- `closer`: who works on the whole of it; it is kept alive by each of their steps. `closed`: an unfinished copy.
local CLOSER = PREFIX .. 'closer'
local CLOSED = PREFIX .. 'closed'

-- Whether a program still has the journal to itself; it is given more time.
local function holds_journal(token, lease)
  if call('GET', CLOSER) ~= token then return false end
  call('PEXPIRE', CLOSER, lease)
  return true
end

-- What is left until a time of the running clock: '' if there is none.
local function left(expires, now)
  if not expires then return '' end
  return digits(math.max(tonumber(expires) - now, 0))
end

-- A value with the time that is left to it.
local function value_of(key, now)
  local value = call('GET', value_key(key))
  if not value then return {key} end
  return {key, value, left(call('ZSCORE', DUE, 'v' .. key), now)}
end

-- A log with records from `from` on (nil: all that it has), a list of number, age, record, …: as many as fit.
local function log_of(log, from, count, bytes, now)
  local meta = call('HMGET', meta_key(log), 'e', 'h', 'v', 'f', 'at', 'u', 'x', 's')
  if not meta[1] then return {log} end
  local head, first = tonumber(meta[2]), tonumber(meta[4] or '1')
  local records, size = {}, 0
  for seq = math.max(from or first, first), math.min(head, math.max(from or first, first) + count - 1) do
    local record = call('HGET', records_key(log), digits(seq))
    if not record then break end
    local body = body_of(record)
    if size > 0 and size + #body > bytes then break end
    size = size + #body
    records[#records + 1] = digits(seq)
    records[#records + 1] = digits(math.max(now - stored_at(record), 0))
    records[#records + 1] = body
  end
  local idle = digits(math.max(now - tonumber(meta[6]), 0))
  return {log, meta[1], meta[3], digits(first), meta[2], meta[5], idle, left(meta[7], now), meta[8] or '', meta[8] and 1 or 0, records}
end
