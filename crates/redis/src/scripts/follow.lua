-- Reads the entries of the feed behind one that the caller knows.
-- ARGV: known, origin, entries at most.
-- Returns OK, head, entries; or why there are none.
local state = call('HMGET', STATE, 'head', 'tip')
if not state[1] then return {'LOST'} end
local known, head = tonumber(ARGV[1]), tonumber(state[1])
local why = diverges(known, ARGV[2], head, state[2])
if why then return {why} end
local entries = {}
if known < head then entries = call('XRANGE', FEED, digits(known + 1) .. '-0', '+', 'COUNT', ARGV[3]) end
return {'OK', state[1], entries}
