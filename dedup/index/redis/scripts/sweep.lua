-- Takes rows that have no record out of some buckets. ARGV: uid, first bucket, last (exclusive).
-- Returns how many keys had such rows, and how many buckets there are.

local swept, there = 0, {}
local function is_there(row)
  if there[row] == nil then
    there[row] = redis.call('EXISTS', p .. 'r:' .. unpack_number('>I4', row)) == 1
  end
  return there[row]
end

for number = tonumber(ARGV[2]), math.min(tonumber(ARGV[3]), buckets) - 1 do
  local content = redis.call('GET', p .. 'b:' .. number) or ''
  local seen = {}
  for at = 1, #content, size do
    local key = string.char(number % 256) .. sub(content, at, at + width - 2)
    if not seen[key] then
      seen[key] = true
      local rows, kept = rows_of(key), {}
      for i = 1, #rows, 4 do
        local row = sub(rows, i, i + 3)
        if is_there(row) then kept[#kept + 1] = row end
      end
      if #kept * 4 < #rows then
        swept = swept + 1
        replace_rows(key, table.concat(kept))
      end
    end
  end
end
if swept > 0 then
  redis.call('HINCRBY', p .. 'meta', 'removals', 1)
  redis.call('HSET', p .. 'meta', 'version', version + 1, 'entries', entries)
end
return {'OK', swept, buckets}
