-- Reads values by key.
-- ARGV: the lower bound of the keys, values at most, bytes at most.
-- Returns, of each, what value_of makes.
local values, size, now = {}, 0, running_ms('')
for _, key in ipairs(call('ZRANGEBYLEX', VALUES, ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  local value = value_of(key, now)
  values[#values + 1] = value
  size = size + #(value[2] or '')
  if size > tonumber(ARGV[3]) then break end
end
return values
