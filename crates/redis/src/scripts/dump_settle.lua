-- Brings what was read one after the other to one entry of the feed: reads again what was touched since.
-- ARGV: known, origin, entries at most.
-- Returns OK, the head, the entry that was reached, its origin, the logs with the records that are new, the values; or why not.
local known, origin = tonumber(ARGV[1]), ARGV[2]
local state = call('HMGET', STATE, 'head', 'tip')
if not state[1] then return {'LOST'} end
local why = diverges(known, origin, tonumber(state[1]), state[2])
if why then return {why} end

local reached, from, keys = known, {}, {}
local function touch(log, seq)
  from[log] = math.min(from[log] or seq, seq)
end
if known < tonumber(state[1]) then
  for _, entry in ipairs(call('XRANGE', FEED, digits(known + 1) .. '-0', '+', 'COUNT', ARGV[3])) do
    local fields = entry[2]
    reached, origin = tonumber(string.sub(entry[1], 1, -3)), fields[6]
    if fields[13] == 'c' then
      local places = cmsgpack.unpack(fields[12])
      for at, packed in ipairs(cmsgpack.unpack(fields[14])) do
        local body = cmsgpack.unpack(packed)
        for i, append in ipairs(body[1]) do touch(append[1], places[at][i][1]) end
        for _, amend in ipairs(body[2]) do touch(amend[1], amend[2]) end
        for _, put in ipairs(body[3]) do keys[put[1]] = true end
        for _, log in ipairs(body[4]) do touch(log, 1) end
      end
    end
  end
end

local now, logs, values = running_ms(''), {}, {}
for log, first in pairs(from) do logs[#logs + 1] = log_of(log, first, 1000000000, 1000000000, now) end
for key in pairs(keys) do values[#values + 1] = value_of(key, now) end
return {'OK', state[1], digits(reached), origin, logs, values}
