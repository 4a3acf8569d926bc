import { createHash } from 'node:crypto';

/** A script that the server runs as one step. */
export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

/*
 * A row is a string `<revision>\n<value>` under its own key, so that the server lets it expire. An index of keys, all
 * with the same score, keeps them in order; a counter gives the bucket's revisions. Every change is published as
 * `<revision> <key>\n<value>`, without the line break and the value when the key was deleted.
 */

/** Keys: row, index, counter. Arguments: key, expectation ('' for none), ttl in ms ('' for none), channel, value. */
export const PUT = script(`
  local row = redis.call('GET', KEYS[1])
  local present = row and string.match(row, '^%d+') or 'absent'
  if ARGV[2] ~= '' and ARGV[2] ~= present then return 0 end
  local revision = redis.call('INCR', KEYS[3])
  local stored = revision .. '\\n' .. ARGV[5]
  if ARGV[3] == '' then redis.call('SET', KEYS[1], stored)
  else redis.call('SET', KEYS[1], stored, 'PX', ARGV[3]) end
  redis.call('ZADD', KEYS[2], 0, ARGV[1])
  redis.call('PUBLISH', ARGV[4], revision .. ' ' .. ARGV[1] .. '\\n' .. ARGV[5])
  return revision
`);

/** Keys and arguments as of PUT, up to the expectation, then the channel. 0 when the key is at another revision. */
export const DELETE = script(`
  local row = redis.call('GET', KEYS[1])
  if not row then return 1 end
  if ARGV[2] ~= '' and ARGV[2] ~= string.match(row, '^%d+') then return 0 end
  local revision = redis.call('INCR', KEYS[3])
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('PUBLISH', ARGV[3], revision .. ' ' .. ARGV[1])
  return 1
`);

/**
 * Keys: index. Arguments: start of the rows' names, lowest key, highest key, how many. Returns keys and rows in turn, and
 * forgets keys whose rows have expired.
 */
export const SCAN = script(`
  local found, wanted, least = {}, tonumber(ARGV[4]), ARGV[2]
  while #found < wanted * 2 do
    local keys = redis.call('ZRANGEBYLEX', KEYS[1], least, ARGV[3], 'LIMIT', 0, wanted)
    for _, key in ipairs(keys) do
      local row = redis.call('GET', ARGV[1] .. key)
      if not row then redis.call('ZREM', KEYS[1], key)
      elseif #found < wanted * 2 then
        found[#found + 1] = key
        found[#found + 1] = row
      end
    end
    if #keys < wanted then break end
    least = '(' .. keys[#keys]
  end
  return found
`);

function script(text: string): RedisScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}
