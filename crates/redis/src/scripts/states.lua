-- Reads the states of some logs, by name.
-- ARGV: the lower bound of the names, logs at most, retain, seen, origin (of the newest entry when the caller last read).
-- Returns OK, head, tip, and a list of what state_of makes of each; or why Redis does not have what it had then.
local state = call('HMGET', STATE, 'head', 'tip')
if not state[1] then return {'LOST'} end
local why = diverges(tonumber(ARGV[4]), ARGV[5], tonumber(state[1]), state[2])
if why then return {why} end
local states = {}
for _, log in ipairs(call('ZRANGEBYLEX', WITH_STATE, ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  states[#states + 1] = state_of(log, tonumber(ARGV[3]))
end
return {'OK', state[1], state[2], states}
