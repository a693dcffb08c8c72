-- Deletes a slice of what an unfinished copy has left.
-- ARGV: token, lease, logs or values at most.
-- Returns 1 if there may be more, 0 if not, -1 if the journal is another program's now.
if not holds_journal(ARGV[1], ARGV[2]) then return -1 end
local limit, found = tonumber(ARGV[3]), 0
for _, index in ipairs({WITH_STATE, WITHOUT_STATE}) do
  for _, log in ipairs(call('ZRANGEBYLEX', index, '-', '+', 'LIMIT', 0, limit)) do
    drop(log)
    call('ZREM', index, log)
    found = 1
  end
end
for _, key in ipairs(call('ZRANGEBYLEX', VALUES, '-', '+', 'LIMIT', 0, limit)) do
  delete_value(key)
  call('ZREM', VALUES, key)
  found = 1
end
return found
