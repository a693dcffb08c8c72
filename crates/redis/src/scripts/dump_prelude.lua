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
  local meta = call('HMGET', meta_key(log), 'e', 'h', 'v', 'f', 'a', 'at', 'u', 'x', 's')
  if not meta[1] then return {log} end
  local oldest = call('XRANGE', log_key(log), '-', '+', 'COUNT', 1)[1]
  local first = tonumber(meta[2]) + 1
  if oldest then first = math.max(tonumber(meta[4] or '1'), tonumber(string.sub(oldest[1], 1, -3))) end
  from = math.max(from or first, first)
  local records, size = {}, 0
  for _, entry in ipairs(call('XRANGE', log_key(log), digits(from) .. '-0', '+', 'COUNT', count)) do
    local seq = string.sub(entry[1], 1, -3)
    local record = (meta[5] and call('HGET', amended_key(log), seq)) or entry[2][2]
    if size > 0 and size + #record > bytes then break end
    size = size + #record
    records[#records + 1] = seq
    records[#records + 1] = digits(math.max(now - tonumber(entry[2][4]), 0))
    records[#records + 1] = record
  end
  local idle = digits(math.max(now - tonumber(meta[7]), 0))
  return {log, meta[1], meta[3], digits(first), meta[2], meta[6], idle, left(meta[8], now), meta[9] or '', meta[9] and 1 or 0, records}
end
