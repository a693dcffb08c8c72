-- Writes records of a log that is there.
-- ARGV: token, lease, running time, log, then number, age and record of each.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local now, log = tonumber(ARGV[3]), ARGV[4]
for at = 5, #ARGV, 3 do
  call('HSET', records_key(log), ARGV[at], stored(now - tonumber(ARGV[at + 1]), ARGV[at + 2]))
end
return 'OK'
