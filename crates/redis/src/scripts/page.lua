-- Reads a page of a log, as it is at one instant.
-- ARGV: log, after, before, '1' for the newest, records at most, bytes at most, retain.
-- Returns first, head, epoch, version, whether there is more, and number, record, …; nothing if there is no such log.
local log, after, before, is_newest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local limit, bytes, retain = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local meta = call('HMGET', meta_key(log), 'e', 'h', 'v', 'f')
if not meta[1] then return {} end
local head = tonumber(meta[2])
local first = first_kept(meta[4], head, retain)
local from, last = math.max(after + 1, first), math.min(before - 1, head)
local page = {digits(first), meta[2], meta[1], meta[3], 0}
if first > head then page[1] = '0' end

-- The next numbers to read, at most a hundred.
local function next_numbers(count)
  local numbers = {}
  for at = 0, math.min(count, 100, last - from + 1) - 1 do
    numbers[#numbers + 1] = is_newest and last - at or from + at
  end
  return numbers
end

local taken, size, is_full = 0, 0, false
while from <= last and taken < limit and not is_full do
  local numbers = next_numbers(limit - taken)
  local found = call('HMGET', records_key(log), unpack(numbers))
  for at, seq in ipairs(numbers) do
    local body = body_of(found[at])
    size = size + #body
    if size > bytes and taken > 0 then
      is_full = true
      break
    end
    page[#page + 1] = digits(seq)
    page[#page + 1] = body
    taken = taken + 1
    if is_newest then last = seq - 1 else from = seq + 1 end
  end
end
if from <= last then page[5] = 1 end
return page
