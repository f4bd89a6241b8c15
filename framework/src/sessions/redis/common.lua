-- What all scripts of sessions begin with. Redis runs each script as one step.
-- ARGV[1] is what the names of all keys begin with.
local prefix = ARGV[1]
local function session(id) return prefix .. 'session:' .. id end
local function user(id) return prefix .. 'user:' .. id end

-- A key that holds something else counts as no session.
local function exists(id) return redis.call('TYPE', session(id)).ok == 'hash' end

local function owner(id) return exists(id) and redis.call('HGET', session(id), 'user_id') end

local function read(id)
  return redis.call('HMGET', session(id),
    'data', 'version', 'created_at', 'last_seen_at', 'user_agent', 'address', 'user_id')
end

-- pcall: where a user's list is something else, sessions go on without it.
local function leave_list(id)
  local owner = owner(id)
  if owner then redis.pcall('ZREM', user(owner), id) end
end

local function remove(id)
  leave_list(id)
  redis.call('DEL', session(id))
end
