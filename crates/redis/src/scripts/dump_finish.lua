-- Lets nodes use a journal that is complete.
-- ARGV: token, lease, running time, generation, run (of Redis), whether each write waits for the disk there ('1'), schema.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local generation = ARGV[4]
call('HSET', STATE, 'gen', generation, 'head', '0', 'tip', generation, 'running', ARGV[3], 'schema', ARGV[7])
call('HSET', STATE, 'run', ARGV[5], 'sync', ARGV[6])
call('DEL', CLOSED, CLOSER)
return 'OK'
