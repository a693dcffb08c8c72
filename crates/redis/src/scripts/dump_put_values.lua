-- Writes values.
-- ARGV: token, lease, running time, then key, value, and what is left ('': it stays) of each.
-- Returns OK, or LATE if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return 'LATE' end
local now = tonumber(ARGV[3])
for at = 4, #ARGV, 3 do
  local key, lasts = ARGV[at], tonumber(ARGV[at + 2])
  call('SET', value_key(key), ARGV[at + 1])
  call('ZADD', VALUES, 0, key)
  if lasts then
    call('ZADD', DUE, digits(now + lasts), 'v' .. key)
  else
    call('ZREM', DUE, 'v' .. key)
  end
end
return 'OK'
