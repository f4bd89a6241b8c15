-- KEYS: 1 the session's place. ARGV: 1 a promise to fill it, 2 for how many milliseconds that holds.
-- Answers what is there; nothing if the promise is there now.
local found = redis.call('GET', KEYS[1])
if not found then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return found
