-- Writes one log with all its records, unless there is one of its name.
-- ARGV: token, lease, running time, log, epoch, first, head, at, '1' if it has a state, state, then the records.
-- Returns OK, TAKEN, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local log, first, is_stateful = ARGV[4], tonumber(ARGV[6]), ARGV[9] == '1'
if call('EXISTS', meta_key(log)) == 1 then return 'TAKEN' end
for at = 11, #ARGV do
  call('HSET', records_key(log), digits(first + at - 11), stored(tonumber(ARGV[3]), ARGV[at]))
end
call('HSET', meta_key(log), 'e', ARGV[5], 'v', '1', 'f', ARGV[6], 'h', ARGV[7], 'at', ARGV[8], 'u', ARGV[3])
if is_stateful then call('HSET', meta_key(log), 's', ARGV[10]) end
call('HSET', meta_key(log), 'i', is_stateful and 's' or 'p')
call('ZADD', is_stateful and WITH_STATE or WITHOUT_STATE, 0, log)
return 'OK'
