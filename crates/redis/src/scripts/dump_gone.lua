-- Deletes logs and values.
-- ARGV: token, lease, how many logs, the logs, the keys.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local logs = tonumber(ARGV[3])
for at = 4, #ARGV do
  if at < 4 + logs then drop(ARGV[at]) else delete_value(ARGV[at]) end
end
return 'OK'
