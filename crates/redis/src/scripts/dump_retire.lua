-- Begins a new generation of a journal that goes on elsewhere.
-- ARGV: token, lease, generation.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local state = call('HMGET', STATE, 'head', 'tip')
call('HSET', STATE, 'gen', ARGV[3])
feed(tonumber(state[1]), state[2], '', digits(redis_ms()), redis_ms(), 'g', ARGV[3])
return 'OK'
