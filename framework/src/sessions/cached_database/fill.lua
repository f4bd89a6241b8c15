-- KEYS: 1 the session's place. ARGV: 1 the promise, 2 the session, 3 for how many milliseconds.
-- A promise that is broken is that of a reader who may have read what has changed since.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
