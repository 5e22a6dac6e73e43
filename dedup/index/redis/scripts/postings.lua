-- The table of bands and fingerprints: which rows hold a key.
--
-- A bucket is a string of entries: what the bucket's number does not say of a key (its tag), and a
-- row, four bytes, big-endian; the rows of a key ascend. Adding a row is an APPEND, which takes a
-- third of the time of a field in a hash and as much memory. As the table grows buckets are split
-- one after the other (linear hashing: Litwin, VLDB 1980): of n buckets, the keys of those below
-- n - low and from low on are equal modulo 2 * low, those of the others modulo low, the greatest
-- power of two that is not above n. There are 256 at least, so that a tag can leave out a key's
-- lowest byte. The rows of a key that many texts hold are moved to a list of their own.

local LOAD = 42            -- entries a bucket on average; with 32 an article takes 230 bytes more
local CROWDED = 256        -- entries from which a bucket is searched for keys with many rows
local OFTEN = 64           -- it is searched again after so many more
local FEW = 16             -- rows of a key that stay
local LISTED = '\255\255\255\255'   -- instead of a row: there is a list

local p = KEYS[1]
local meta = redis.call('HMGET', p .. 'meta',
  'uid', 'version', 'buckets', 'entries', 'next', 'distinct', 'width')
if meta[1] ~= ARGV[1] then
  return {'GONE'}
end
local version, buckets, entries = tonumber(meta[2]), tonumber(meta[3]), tonumber(meta[4])
local width = tonumber(meta[7])
local size = width + 3     -- of an entry: the tag and four bytes
local low = 256
while low * 2 <= buckets do low = low * 2 end

local sub, unpack_number = string.sub, struct.unpack

local function bucket_of(key, at)
  local number = unpack_number('<I4', key, at) % (low * 2)
  if number >= buckets then number = number - low end
  return p .. 'b:' .. number
end

local function list_of(key) return p .. 'l:' .. key end

local function put(bucket, parts)
  local content = table.concat(parts)
  if content == '' then redis.call('DEL', bucket) else redis.call('SET', bucket, content) end
end

-- Returns the rows of a key that stand in a bucket, and whether it has a list before them.
local function rows_in(content, tag)
  local at, rows, listed = string.find(content, tag, 1, true), '', false
  while at do
    if (at - 1) % size == 0 then
      local row = sub(content, at + width - 1, at + size - 1)
      if row == LISTED then listed = true else rows = rows .. row end
      at = at + size - 1
    end
    at = string.find(content, tag, at + 1, true)
  end
  return rows, listed
end

-- Moves the rows of keys that have many to their lists.
local function condense(bucket, lowest)
  local content = redis.call('GET', bucket)
  local rows, listed = {}, {}
  for at = 1, #content, size do
    local tag, row = sub(content, at, at + width - 2), sub(content, at + width - 1, at + size - 1)
    if row == LISTED then
      listed[tag] = true
    else
      rows[tag] = rows[tag] or {}
      table.insert(rows[tag], row)
    end
  end
  local kept = {}
  for tag, held in pairs(rows) do
    if listed[tag] or #held > FEW then
      redis.call('APPEND', list_of(lowest .. tag), table.concat(held))
      listed[tag] = true
      entries = entries - #held
    else
      for _, row in ipairs(held) do kept[#kept + 1] = tag .. row end
    end
  end
  for tag in pairs(listed) do kept[#kept + 1] = tag .. LISTED end
  put(bucket, kept)
end

local function split()
  local old = buckets - low
  local content = redis.call('GET', p .. 'b:' .. old)
  if content then
    local bit, at_byte = low / 256, 0
    while bit >= 256 do bit, at_byte = bit / 256, at_byte + 1 end
    local stay, go = {}, {}
    for at = 1, #content, size do
      local half = string.byte(content, at + at_byte) % (2 * bit) >= bit and go or stay
      half[#half + 1] = sub(content, at, at + size - 1)
    end
    put(p .. 'b:' .. old, stay)
    put(p .. 'b:' .. buckets, go)
  end
  buckets = buckets + 1
  if buckets == low * 2 then low = buckets end
  redis.call('HSET', p .. 'meta', 'buckets', buckets)
end

-- Adds a row, which is above all that its keys have.
local function post(keys, row)
  for at = 1, #keys, width do
    local bucket = bucket_of(keys, at)
    local length = redis.call('APPEND', bucket, sub(keys, at + 1, at + width - 1) .. row) / size
    if length >= CROWDED and length % OFTEN == 0 then condense(bucket, sub(keys, at, at)) end
  end
  entries = entries + #keys / width
  while entries > LOAD * buckets do split() end
end

-- Returns all rows of a key.
local function rows_of(key)
  local content = redis.call('GET', bucket_of(key, 1))
  if not content then return '' end
  local rows, listed = rows_in(content, sub(key, 2))
  if listed then rows = (redis.call('GET', list_of(key)) or '') .. rows end
  return rows
end

-- Puts rows in the place of all that a key has.
local function replace_rows(key, rows)
  local bucket, tag = bucket_of(key, 1), sub(key, 2)
  local content, kept = redis.call('GET', bucket) or '', {}
  for at = 1, #content, size do
    if sub(content, at, at + width - 2) ~= tag then kept[#kept + 1] = sub(content, at, at + size - 1) end
  end
  redis.call('DEL', list_of(key))
  if #rows > 4 * FEW then
    redis.call('SET', list_of(key), rows)
    kept[#kept + 1] = tag .. LISTED
  else
    for at = 1, #rows, 4 do kept[#kept + 1] = tag .. sub(rows, at, at + 3) end
  end
  entries = entries + #kept - #content / size
  put(bucket, kept)
end

-- Takes a row of a key away, and adds another where it belongs; either may be nil.
local function exchange(key, row, other)
  local rows, kept = rows_of(key), {}
  for at = 1, #rows, 4 do
    local one = sub(rows, at, at + 3)
    if other and unpack_number('>I4', one) > unpack_number('>I4', other) then
      kept[#kept + 1] = other
      other = nil
    end
    if one ~= row then kept[#kept + 1] = one end
  end
  kept[#kept + 1] = other
  replace_rows(key, table.concat(kept))
end

local function each_key(keys, f)
  for at = 1, #keys, width do f(sub(keys, at, at + width - 1)) end
end

local function contains(rows, row)
  for at = 1, #rows, 4 do
    if sub(rows, at, at + 3) == row then return true end
  end
  return false
end
