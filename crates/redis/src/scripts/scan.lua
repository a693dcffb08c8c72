-- Reads the keys with a prefix, in order, and their values, as they are at one instant.
-- ARGV: the lower and the upper bound of the keys, values at most.
-- Returns key, value, …
local keys = call('ZRANGEBYLEX', VALUES, ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
local pairs_of = {}
for _, key in ipairs(keys) do
  local value = call('GET', value_key(key))
  if value then
    pairs_of[#pairs_of + 1] = key
    pairs_of[#pairs_of + 1] = value
  end
end
return pairs_of
