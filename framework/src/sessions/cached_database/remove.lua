-- KEYS: 1 the session's place. ARGV: 1 what stands in places that stay closed.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then redis.call('DEL', KEYS[1]) end
