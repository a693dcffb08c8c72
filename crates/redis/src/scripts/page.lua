-- Reads a page of a log, as it is at one instant.
-- ARGV: log, after, before, '1' for the newest, records at most, bytes at most, retain.
-- Returns first, head, epoch, version, whether there is more, and number, record, …; nothing if there is no such log.
local log, after, before, is_newest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local limit, bytes, retain = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local meta = call('HMGET', meta_key(log), 'e', 'h', 'v', 'f', 'a')
if not meta[1] then return {} end
local head = tonumber(meta[2])
local first = first_kept(meta[4], head, retain)
local from, last = math.max(after + 1, first), math.min(before - 1, head)
local page = {digits(first), meta[2], meta[1], meta[3], 0}
if first > head then page[1] = '0' end

local function body(entry, seq)
  local amended = meta[5] and call('HGET', amended_key(log), seq)
  return amended or entry[2][2]
end

local taken, size, is_full = 0, 0, false
while from <= last and not is_full do
  local count = math.min(limit - taken, 100)
  if count < 1 then break end
  local lower, upper = digits(from) .. '-0', digits(last) .. '-0'
  local found
  if is_newest then
    found = call('XREVRANGE', log_key(log), upper, lower, 'COUNT', count)
  else
    found = call('XRANGE', log_key(log), lower, upper, 'COUNT', count)
  end
  if #found == 0 then break end
  for _, entry in ipairs(found) do
    local seq = string.sub(entry[1], 1, -3)
    local record = body(entry, seq)
    size = size + #record
    if size > bytes and taken > 0 then
      is_full = true
      break
    end
    page[#page + 1] = seq
    page[#page + 1] = record
    taken = taken + 1
    if is_newest then last = tonumber(seq) - 1 else from = tonumber(seq) + 1 end
  end
end
if from <= last then page[5] = 1 end
return page
