/**
 * The rolling window of `RollingWindow`, inside Redis and on its clock. For each budget three keys: `log` (id of a
 * grant -> when), `units` (id -> how many), `state` (hold and reduced limit), and `wanted` (urgent callers that wait,
 * so that other replicas let them go first). An id is `replica|number|lane`; what the platform's meter counts beyond
 * our calls is one entry of the lane `elsewhere`.
 */
const shared = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local a = cjson.decode(ARGV[1])
local function keysOf(i) return KEYS[4*i-3], KEYS[4*i-2], KEYS[4*i-1], KEYS[4*i] end
local ELSEWHERE = 'elsewhere'
local function factorOf(b, state)
  local factor = tonumber(redis.call('HGET', state, 'factor') or '1')
  if factor >= 1 then return 1 end
  local since = tonumber(redis.call('HGET', state, 'since') or '0')
  if b.slowForMs then
    if now - since >= b.slowForMs then return 1 end
    return factor
  end
  return math.min(1, factor + math.floor((now - since) / 60000) * 0.05)
end
local function limitOf(b, state)
  local factor = factorOf(b, state)
  if factor == 1 then return b.limit end
  return math.max(math.min(1, b.limit), b.limit * factor)
end
local function heldFor(state)
  return math.max(0, tonumber(redis.call('HGET', state, 'held') or '0') - now)
end
local function forget(b, log, units)
  local over = redis.call('ZRANGEBYSCORE', log, '-inf', now - b.countedMs)
  for _, id in ipairs(over) do
    redis.call('ZREM', log, id)
    redis.call('HDEL', units, id)
  end
end
local function read(log, units)
  local spendings, byLane = {}, {}
  local raw = redis.call('ZRANGE', log, 0, -1, 'WITHSCORES')
  for i = 1, #raw, 2 do
    local lane = string.match(raw[i], '[^|]+$')
    local n = tonumber(redis.call('HGET', units, raw[i]) or '0')
    spendings[#spendings + 1] = { id = raw[i], at = tonumber(raw[i + 1]), lane = lane, n = n }
    byLane[lane] = (byLane[lane] or 0) + n
  end
  return spendings, byLane
end
`;

/** One call for all budgets of a request: all of its cost or nothing. */
export const TAKE = `${shared}
local function fits(b, byLane, limit)
  local used = b.units
  for _, n in pairs(byLane) do used = used + n end
  for lanes, share in pairs(b.reserved or a.reserved) do
    local own, taken = false, 0
    for lane in string.gmatch(lanes, '[^+]+') do
      own = own or lane == a.lane
      taken = taken + (byLane[lane] or 0)
    end
    if not own then used = used + math.max(0, math.floor(limit * share) - taken) end
  end
  if used > limit + 1e-6 then return false end
  if not a.largest then return true end
  return (byLane[a.lane] or 0) + b.units <= math.max(math.min(1, limit), math.floor(limit * a.largest)) + 1e-6
end
local function waitFor(b, spendings, byLane, limit)
  if #spendings == 0 or fits(b, byLane, limit) then return 0 end
  for i, s in ipairs(spendings) do
    byLane[s.lane] = byLane[s.lane] - s.n
    if i == #spendings or fits(b, byLane, limit) then return s.at + b.countedMs - now end
  end
end
local function moreUrgentWaits(wanted)
  redis.call('ZREMRANGEBYSCORE', wanted, '-inf', now)
  for _, member in ipairs(redis.call('ZRANGE', wanted, 0, -1)) do
    local replica, rank = string.match(member, '^(.*)|(%d+)$')
    if replica ~= a.replica and tonumber(rank) < a.rank then return true end
  end
  return false
end
local wait, refused, lost, totals, ours = 0, {}, {}, {}, {}
for i, b in ipairs(a.budgets) do
  local log, units, state, wanted = keysOf(i)
  forget(b, log, units)
  local spendings, byLane = read(log, units)
  local own, foreign = 0, 0
  for _, s in ipairs(spendings) do
    if string.sub(s.id, 1, #a.replica + 1) == a.replica .. '|' then own = own + 1 else foreign = foreign + s.n end
  end
  if own < b.known then lost[#lost + 1] = b.name end
  totals[b.name] = foreign
  ours[b.name] = b.units
  for lane, n in pairs(byLane) do
    if lane ~= ELSEWHERE then ours[b.name] = ours[b.name] + n end
  end
  local w = heldFor(state)
  if w == 0 then w = waitFor(b, spendings, byLane, limitOf(b, state)) end
  if w == 0 and moreUrgentWaits(wanted) then w = 50 end
  if w > 0 then refused[#refused + 1] = b.name end
  wait = math.max(wait, w)
end
if #lost > 0 then return cjson.encode({ lost = lost }) end
for i, b in ipairs(a.budgets) do
  local log, units, state, wanted = keysOf(i)
  local marker = a.replica .. '|' .. a.rank
  if #refused > 0 then
    if a.rank <= 2 then
      redis.call('ZADD', wanted, now + math.min(wait, 1000) + 300, marker)
      redis.call('PEXPIRE', wanted, 2000)
    end
  else
    redis.call('ZREM', wanted, marker)
    redis.call('ZADD', log, now, a.id)
    redis.call('HSET', units, a.id, b.units)
    redis.call('PEXPIRE', log, b.countedMs * 2)
    redis.call('PEXPIRE', units, b.countedMs * 2)
  end
end
return cjson.encode({ wait = wait, refused = refused, foreign = totals, spent = ours })
`;

/** Puts grants back, or changes what they count for. `a.budgets[1].entries`: id, age in milliseconds, units. */
export const RECORD = `${shared}
local b = a.budgets[1]
local log, units = keysOf(1)
for _, e in ipairs(b.entries) do
  local known = redis.call('ZSCORE', log, e.id)
  if not known and e.ageMs < b.countedMs then redis.call('ZADD', log, now - e.ageMs, e.id) end
  if known or e.ageMs < b.countedMs then
    if a.replace or redis.call('HEXISTS', units, e.id) == 0 then redis.call('HSET', units, e.id, e.units) end
  end
end
redis.call('PEXPIRE', log, b.countedMs * 2)
redis.call('PEXPIRE', units, b.countedMs * 2)
return 'OK'
`;

/** `metered`, `allowed`: the platform's figures; `spent`: what was counted of ours when the call `a.id` was let go. */
export const METERED = `${shared}
local b = a.budgets[1]
local log, units, state = keysOf(1)
forget(b, log, units)
local at = tonumber(redis.call('ZSCORE', log, a.id) or tostring(now - a.ageMs))
if at < tonumber(redis.call('HGET', state, 'metered') or '0') then return 'OK' end
local ours, since = 0, b.spent
for _, s in ipairs((read(log, units))) do
  if s.lane ~= ELSEWHERE then
    ours = ours + s.n
    if s.at >= at and s.id ~= a.id then since = since + s.n end
  end
end
local beyond = math.max(0, b.metered - math.max(ours, since)) + math.max(0, b.stated - b.allowed)
local id = 'platform|0|' .. ELSEWHERE
if beyond > 0 then
  redis.call('ZADD', log, now, id)
  redis.call('HSET', units, id, beyond)
  redis.call('PEXPIRE', log, b.countedMs * 2)
  redis.call('PEXPIRE', units, b.countedMs * 2)
else
  redis.call('ZREM', log, id)
  redis.call('HDEL', units, id)
end
redis.call('HSET', state, 'metered', at)
redis.call('PEXPIRE', state, 1800000)
return 'OK'
`;

export const LIMITED = `${shared}
local longest = 0
local function untold(b, log, units)
  if not b.waitForOldest then return b.holdMs end
  forget(b, log, units)
  for _, s in ipairs((read(log, units))) do
    if s.lane ~= ELSEWHERE then return math.min(b.holdMs, s.at + b.countedMs - now) end
  end
  return b.holdMs
end
for i, b in ipairs(a.budgets) do
  local log, units, state = keysOf(i)
  local since = tonumber(redis.call('HGET', state, 'since') or '0')
  if now - since >= b.windowMs then
    redis.call('HSET', state, 'factor', tostring(math.max(0.1, factorOf(b, state) / 2)), 'since', now)
  end
  local held = tonumber(redis.call('HGET', state, 'held') or '0')
  local hold = b.holdMs
  if not a.told then hold = untold(b, log, units) end
  held = math.max(held, now + hold)
  redis.call('HSET', state, 'held', held)
  redis.call('PEXPIRE', state, 1800000)
  longest = math.max(longest, held - now)
end
return cjson.encode({ holdMs = longest })
`;

export const USAGE = `${shared}
local out = {}
for i, b in ipairs(a.budgets) do
  local log, units, state = keysOf(i)
  forget(b, log, units)
  local _, byLane = read(log, units)
  byLane['_'] = 0
  out[i] = { name = b.name, byLane = byLane, heldForMs = heldFor(state), effectiveLimit = limitOf(b, state) }
end
return cjson.encode(out)
`;
