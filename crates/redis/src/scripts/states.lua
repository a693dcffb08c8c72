-- Reads the states of some logs, by name.
-- ARGV: the lower bound of the names, logs at most, retain.
-- Returns, of each, what state_of makes.
local states = {}
for _, log in ipairs(call('ZRANGEBYLEX', WITH_STATE, ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  states[#states + 1] = state_of(log, tonumber(ARGV[3]))
end
return states
