-- Brings states that were read one after the other to one entry of the feed: reads those again that were touched since.
-- ARGV: writer, known, origin, entries at most, retain, wall; perhaps seen, origin: the newest entry when the caller last
-- read states, which may be newer than `known`.
-- Returns OK, the head and its origin if the caller has said what it has seen, the entry, its origin, states, and, if that
-- entry is the head, the running clock and the ephemerals of the others (writer, key, value, …); or a status.
local writer, known, retain = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[5])

local state = call('HMGET', STATE, 'head', 'tip')
if call('EXISTS', writer_key(writer)) == 0 then return {'LATE'} end
local head, tip = tonumber(state[1]), state[2]
local why = diverges(known, ARGV[3], head, tip)
if not why and ARGV[7] then why = diverges(tonumber(ARGV[7]), ARGV[8], head, tip) end
if why then return {why} end

local reached, origin, touched, states = known, ARGV[3], {}, {}
if known < head then
  for _, entry in ipairs(call('XRANGE', FEED, digits(known + 1) .. '-0', '+', 'COUNT', ARGV[4])) do
    local fields = entry[2]
    reached, origin = tonumber(string.sub(entry[1], 1, -3)), fields[6]
    if fields[13] == 'c' then
      for _, packed in ipairs(cmsgpack.unpack(fields[14])) do
        local body = cmsgpack.unpack(packed)
        for _, append in ipairs(body[1]) do touched[append[1]] = true end
        for _, amend in ipairs(body[2]) do touched[amend[1]] = true end
        for _, log in ipairs(body[4]) do touched[log] = true end
      end
    end
  end
  for log in pairs(touched) do states[#states + 1] = state_of(log, retain) end
end
local answer = {'OK'}
if ARGV[7] then answer = {'OK', state[1], tip} end
local function add(part) answer[#answer + 1] = part end
add(digits(reached))
add(origin)
add(states)
if reached < head then return answer end

local ephemerals = {}
for _, other in ipairs(call('ZRANGE', NODES, 0, -1)) do
  if other ~= writer then
    local here = call('HGETALL', here_key(other))
    for at = 1, #here, 2 do
      ephemerals[#ephemerals + 1] = other
      ephemerals[#ephemerals + 1] = here[at]
      ephemerals[#ephemerals + 1] = here[at + 1]
    end
  end
end
add(digits(running_ms(ARGV[6])))
add(ephemerals)
return answer
