-- Returns the value of a name that all nodes agree on. ARGV: its key, the proposed value.
-- The proposed one takes its place if there is none, or if no node has a lease: those who agreed on another are gone.
local now = call('GET', ARGV[1])
if now and (now == ARGV[2] or call('ZCOUNT', NODES, digits(redis_ms()), '+inf') > 0) then return now end
call('SET', ARGV[1], ARGV[2])
return ARGV[2]
