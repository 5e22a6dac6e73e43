-- Changes the index: all of it or, if another was quicker, nothing.
-- ARGV: uid, the version it was decided by or '', whose turn;
-- how many rows are removed, and of each row, id, text hash and keys;
-- how many articles are added, and of each id, date, text hash, keys and record;
-- then of what else is written: command, hash, field, value.
-- An id is '+' and the id, or '' where there is none; a text hash is '' of texts without words.

local expected, token = ARGV[2], ARGV[3]
if expected ~= '' then
  local turn = redis.call('GET', p .. 'turn')
  if tonumber(expected) ~= version or (turn and turn ~= token) then
    return {'OVERTAKEN'}
  end
end

local at = 4
local function next_argument()
  at = at + 1
  return ARGV[at - 1]
end

local removed = {}
for _ = 1, tonumber(next_argument()) do
  local one = {}
  for part = 1, 4 do one[part] = next_argument() end
  removed[#removed + 1] = one
end
local freed = {}
for _, one in ipairs(removed) do freed[one[2]] = true end
local added = {}
for _ = 1, tonumber(next_argument()) do
  local one = {}
  for part = 1, 5 do one[part] = next_argument() end
  if one[1] ~= '' and not freed[one[1]]
      and redis.call('HEXISTS', p .. 'ids', string.sub(one[1], 2)) == 1 then
    return {'DUPLICATE', string.sub(one[1], 2)}
  end
  added[#added + 1] = one
end

local distinct, gone = 0, 0
for _, one in ipairs(removed) do
  local row, id, hash, held = unpack(one)
  if redis.call('DEL', p .. 'r:' .. row) == 1 then
    gone = gone + 1
    redis.call('ZREM', p .. 'dated', row)
    if id ~= '' then redis.call('HDEL', p .. 'ids', string.sub(id, 2)) end
    redis.call('HDEL', p .. 'members', row)
    if hash == '' then
      distinct = distinct - 1
    elseif redis.call('HGET', p .. 't', hash) ~= row then
      redis.call('ZREM', p .. 't:' .. hash, row)
    else
      local after = redis.call('ZPOPMIN', p .. 't:' .. hash)[1]
      if after then
        redis.call('HSET', p .. 't', hash, after)
        after = struct.pack('>I4', after)
      else
        redis.call('HDEL', p .. 't', hash)
        distinct = distinct - 1
      end
      row = struct.pack('>I4', row)
      each_key(held, function(key) exchange(key, row, after) end)
    end
  end
end

if #removed > 0 then redis.call('HINCRBY', p .. 'meta', 'removals', 1) end
local first = tonumber(meta[5])
if #added > 0 then redis.call('HINCRBY', p .. 'meta', 'next', #added) end
for number, one in ipairs(added) do
  local id, dated, hash, held, record = unpack(one)
  local row = first + number - 1
  if hash ~= '' and redis.call('HSETNX', p .. 't', hash, row) == 0 then
    redis.call('ZADD', p .. 't:' .. hash, row, row)
  else
    distinct = distinct + 1
    post(held, struct.pack('>I4', row))
  end
  if id ~= '' then redis.call('HSET', p .. 'ids', string.sub(id, 2), row) end
  redis.call('ZADD', p .. 'dated', dated, row)
  redis.call('SET', p .. 'r:' .. row, record)
end

while at <= #ARGV do
  local command, hash, field, value = next_argument(), next_argument(), next_argument(), next_argument()
  if command == 'HSET' then
    redis.call('HSET', p .. hash, field, value)
  else
    redis.call('HDEL', p .. hash, field)
  end
end

version = version + 1
redis.call('HSET', p .. 'meta', 'version', version, 'entries', entries,
  'distinct', tonumber(meta[6]) + distinct)
if token ~= '' and redis.call('GET', p .. 'turn') == token then redis.call('DEL', p .. 'turn') end
return {'OK', version, first, gone}
