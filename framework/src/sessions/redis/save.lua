-- ARGV: 2 the session that this one follows, or nothing, 3 the version of it that the caller knows, 4 the session,
-- 5 how many milliseconds it lives, 6 whose it is, or nothing, 7... the fields that it gets.
local old, version, new, ttl, owner = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
if old ~= '' then
  if not exists(old) then return 'gone' end
  if (redis.call('HGET', session(old), 'version') or '') ~= version then return 'changed' end
  if old == new then leave_list(old) else remove(old) end
end
if ttl <= 0 then
  remove(new)
  return 'saved'
end
redis.call('HSET', session(new), unpack(ARGV, 7))
redis.call('PEXPIRE', session(new), ttl)
if owner ~= '' then
  -- The user's sessions by the moment at which they end, which takes the dead ones away.
  local time, list = redis.call('TIME'), user(owner)
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.pcall('ZREMRANGEBYSCORE', list, '-inf', now)
  redis.pcall('ZADD', list, now + ttl, new)
  if redis.call('PTTL', list) < ttl then redis.call('PEXPIRE', list, ttl) end
end
return 'saved'
