-- Writes records of a log that is there.
-- ARGV: token, lease, running time, log, then number, age and record of each, ascending.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local now, log = tonumber(ARGV[3]), ARGV[4]
local newest = call('XREVRANGE', log_key(log), '+', '-', 'COUNT', 1)[1]
local last = newest and tonumber(string.sub(newest[1], 1, -3)) or 0
for at = 5, #ARGV, 3 do
  if tonumber(ARGV[at]) > last then
    call('XADD', log_key(log), ARGV[at] .. '-0', 'b', ARGV[at + 2], 't', digits(now - tonumber(ARGV[at + 1])))
  else
    call('HSET', amended_key(log), ARGV[at], ARGV[at + 2])
    call('HSET', meta_key(log), 'a', '1')
  end
end
return 'OK'
