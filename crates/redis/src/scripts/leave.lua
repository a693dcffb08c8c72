-- Ends a writer, at its own wish.
-- ARGV: writer.
local state = call('HMGET', STATE, 'head', 'tip')
if not state[1] then return 0 end
end_writer(ARGV[1], redis_ms(), tonumber(state[1]), state[2])
return 1
