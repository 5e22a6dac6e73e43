-- The table of bands and fingerprints: key to rows, ascending, four bytes each, big-endian.
--
-- Buckets are hashes small enough for Redis to keep them packed, 11 bytes an entry instead of 100.
-- As the table grows they are split one after the other (linear hashing: Litwin, VLDB 1980): of n
-- buckets, those below n - low and those from low on hold the keys that are equal modulo 2 * low,
-- the others those that are equal modulo low, the greatest power of two that is not above n. What
-- is left of a key above its bucket's number is its field.

local LOAD = 56      -- entries a bucket on average; none should reach 128
local INLINE = 60    -- bytes of rows in a bucket, from 64 on it would not be packed; then `l:` key
local LISTED = '+'

local p = KEYS[1]
local meta = redis.call('HMGET', p .. 'meta', 'uid', 'version', 'buckets', 'keys', 'next', 'distinct')
if meta[1] ~= ARGV[1] then
  return {'GONE'}
end
local version, buckets, keys = tonumber(meta[2]), tonumber(meta[3]), tonumber(meta[4])
local low = 1
while low * 2 <= buckets do low = low * 2 end

local function list_of(h)
  return p .. 'l:' .. string.format('%.0f', h)
end

local function level_of(bucket)
  return (bucket >= low or bucket < buckets - low) and low * 2 or low
end

local function place(h)
  local bucket = h % (low * 2)
  if bucket >= buckets then bucket = bucket - low end
  return p .. 'b:' .. bucket, (h - bucket) / level_of(bucket)
end

local function split()
  local old, new = p .. 'b:' .. (buckets - low), p .. 'b:' .. buckets
  local entries = redis.call('HGETALL', old)
  local even, odd = {}, {}
  for i = 1, #entries, 2 do
    local field = tonumber(entries[i])
    local half = field % 2 == 0 and even or odd
    half[#half + 1] = (field - field % 2) / 2
    half[#half + 1] = entries[i + 1]
  end
  redis.call('DEL', old)
  if #even > 0 then redis.call('HSET', old, unpack(even)) end
  if #odd > 0 then redis.call('HSET', new, unpack(odd)) end
  buckets = buckets + 1
  if buckets == low * 2 then low = buckets end
  redis.call('HSET', p .. 'meta', 'buckets', buckets)
end

local function rows_of(h, bucket, field)
  local rows = redis.call('HGET', bucket, field)
  if rows == LISTED then return redis.call('GET', list_of(h)) or '', true end
  return rows, false
end

local function each_key(packed, width, f)
  local format = '<I' .. width
  for at = 1, #packed, width do
    f(struct.unpack(format, packed, at))
  end
end

-- Adds a row, which is above all the key has.
local function post(h, row)
  local bucket, field = place(h)
  if redis.call('HSETNX', bucket, field, row) == 1 then
    keys = keys + 1
    return
  end
  local rows = redis.call('HGET', bucket, field)
  if rows == LISTED then
    redis.call('APPEND', list_of(h), row)
  elseif #rows < INLINE then
    redis.call('HSET', bucket, field, rows .. row)
  else
    redis.call('SET', list_of(h), rows .. row)
    redis.call('HSET', bucket, field, LISTED)
  end
end

-- Takes a row away, and adds another, unless it is nil, where it belongs.
local function repost(h, row, other)
  local bucket, field = place(h)
  local rows, listed = rows_of(h, bucket, field)
  if not rows then return end
  local kept = {}
  for at = 1, #rows, 4 do
    local one = string.sub(rows, at, at + 3)
    if other and struct.unpack('>I4', one) > struct.unpack('>I4', other) then
      kept[#kept + 1] = other
      other = nil
    end
    if one ~= row then kept[#kept + 1] = one end
  end
  kept[#kept + 1] = other
  rows = table.concat(kept)
  if rows == '' then
    redis.call('HDEL', bucket, field)
    redis.call('DEL', list_of(h))
    keys = keys - 1
  elseif listed then
    redis.call('SET', list_of(h), rows)
  else
    redis.call('HSET', bucket, field, rows)
  end
end
