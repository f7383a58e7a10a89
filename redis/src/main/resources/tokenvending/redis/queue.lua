-- One step of the budget queue, in the store and by the store's clock: what MemoryBudgetQueue does, step by step.
-- KEYS and ARGV: RedisBudgetQueue. All times are in microseconds. The capital letters are put in front by RedisBudgetQueue.

local STATE, SLOTS, UNANSWERED, QUEUE, PRESENT, UNTIL, ABSENT, POSITIONS, TICKETS, CALLERS, GONE, WIDER = unpack(KEYS)
-- STATE       hash    the server's run, the last step, how many slots are taken, closed until, arrivals, slots left out,
--                     the last calls
-- SLOTS       sorted  ticket of each slot that is taken, by when it is free
-- UNANSWERED  hash    the same ticket → when it was taken, until its call is answered
-- QUEUE       sorted  all positions, by rank; PRESENT the same for those of waiting callers
-- UNTIL       sorted  all positions, by when a waiting caller counts as gone, and a rejected one as lost
-- ABSENT      lexical caller, Retry-After time, position
-- POSITIONS   hash    position → ticket or nothing, Retry-After time or nothing, caller
-- TICKETS     hash    ticket of a waiting caller → position
-- CALLERS     hash    caller or wider network → last rank, number of positions; GONE sorted, those without one, by when
--                     to forget
-- WIDER       hash    caller → the keys of the wider networks that share its position

local SECOND = 1000000
-- Longer than in memory, because each poll is a round trip.
local SHORTEST_PAUSE = 2000
-- Tolerance for differences between clocks.
local EARLY = 100000
-- If the clock was set back by more than this, the stored times are useless.
local STEP_BACK = 1000000
-- A rejected caller comes back earlier than its expected slot by these shares of the longest wait.
local EARLIEST, LATEST = 0.9, 0.15
-- How many recent calls the estimate of a call's duration uses: more than are made while a burst slows them down.
local CALLS = 51
-- Lost callers are removed in portions, because no step must block the store.
local PORTION = 500

local step, ticket = ARGV[1], ARGV[2]
local terms = {
  slots = tonumber(ARGV[3]),
  window = tonumber(ARGV[4]),
  maxWait = tonumber(ARGV[5]),
  longestCall = tonumber(ARGV[6]),
}
-- How long all instances need to notice that an outage is over.
local RETURN = tonumber(ARGV[7])

local call = redis.call
local time = call('TIME')
local now = time[1] * SECOND + time[2]

-- Lua's own conversion writes 1.7e+15.
local function text(number) return string.format('%.0f', number) end
-- A text that sorts like the number.
local function padded(number) return string.format('%016.0f', number) end

local function fields(names)
  local values = call('HMGET', STATE, unpack(names))
  local found = {}
  for i, name in ipairs(names) do found[name] = tonumber(values[i]) end
  return found
end

local closedUntil, usualCall, reducedTo, reducedAt

local function close()
  closedUntil = math.max(closedUntil, now + terms.window + RETURN)
  call('HSET', STATE, 'closedUntil', text(closedUntil))
end

local function load()
  local state = fields({ 'closedUntil', 'usualCall', 'reducedTo', 'reducedAt' })
  closedUntil, usualCall = state.closedUntil or 0, state.usualCall or 0
  reducedTo, reducedAt = state.reducedTo, state.reducedAt
end

-- Whether all related keys exist: a store that evicts, or an operator, can have removed one.
local function isWhole(taken)
  local positions, present = call('ZCARD', QUEUE), call('ZCARD', PRESENT)
  return call('HLEN', POSITIONS) == positions
    and call('ZCARD', UNTIL) == positions
    and call('ZCARD', ABSENT) + present == positions
    and call('HLEN', TICKETS) == present
    and call('ZCARD', SLOTS) == (taken or 0)
end

-- If the store could have lost grants, nothing is granted until those calls have ended: after a restart without data or
-- with old data, on another server, after the clock was set back, and if a part is missing.
local function open(known)
  local info = call('INFO', 'server')
  local run = string.match(info, 'run_id:(%x+)') or 'unknown'
  local kept = call('HMGET', STATE, 'run', 'last', 'taken')
  local backwards = kept[2] and now < tonumber(kept[2]) - STEP_BACK
  local parts = call('EXISTS', unpack(KEYS)) > 0
  local lost = parts and not (kept[1] and isWhole(tonumber(kept[3])))
  if not kept[1] or backwards or lost then
    call('DEL', unpack(KEYS))
    load()
    local up = tonumber(string.match(info, 'uptime_in_seconds:(%d+)') or 0)
    -- In whole seconds, the first of which can have just begun.
    if known or backwards or lost or (up - 1) * SECOND < terms.window + RETURN then close() end
  else
    load()
    if kept[1] ~= run then close() end
  end
  call('HSET', STATE, 'run', run, 'last', text(now))
end

local function position(id)
  local ticket, expected, caller = string.match(call('HGET', POSITIONS, id), '^([^\n]*)\n([^\n]*)\n(.*)$')
  return { id = id, ticket = ticket, expected = expected, caller = caller }
end

local function write(it)
  call('HSET', POSITIONS, it.id, it.ticket .. '\n' .. it.expected .. '\n' .. it.caller)
end

local function absentName(it) return it.caller .. '\n' .. it.expected .. '\n' .. it.id end

local function caller(key)
  local known = call('HGET', CALLERS, key)
  if not known then return nil end
  local last, positions = string.match(known, '^(%d+) (%d+)$')
  return { last = tonumber(last), positions = tonumber(positions) }
end

local function remember(key, it)
  call('HSET', CALLERS, key, text(it.last) .. ' ' .. text(it.positions))
  if it.positions == 0 then
    call('ZADD', GONE, text(it.last + SPACING), key)
  else
    call('ZREM', GONE, key)
  end
end

local function oneLess(key)
  local owner = caller(key)
  if owner then
    owner.positions = math.max(0, owner.positions - 1)
    remember(key, owner)
  end
end

local function noLongerPresent(it)
  call('ZREM', PRESENT, it.id)
  if it.ticket ~= '' then call('HDEL', TICKETS, it.ticket) end
  it.ticket = ''
end

local function noLongerAbsent(it)
  if it.expected ~= '' then call('ZREM', ABSENT, absentName(it)) end
  it.expected = ''
end

local function remove(it)
  noLongerPresent(it)
  noLongerAbsent(it)
  call('ZREM', QUEUE, it.id)
  call('ZREM', UNTIL, it.id)
  call('HDEL', POSITIONS, it.id)
  oneLess(it.caller)
  for key in string.gmatch(call('HGET', WIDER, it.caller) or '', '%S+') do oneLess(key) end
end

local function putAside(it, expected)
  noLongerPresent(it)
  noLongerAbsent(it)
  it.expected = padded(expected)
  call('ZADD', ABSENT, 0, absentName(it))
  call('ZADD', UNTIL, text(expected + GRACE), it.id)
  write(it)
end

local function releaseSlot(slot)
  call('HINCRBY', STATE, 'taken', -call('ZREM', SLOTS, slot))
  call('HDEL', UNANSWERED, slot)
end

-- A caller that stopped polling can come back through another instance; one that does not come back is removed.
local function sweep()
  for _, id in ipairs(call('ZRANGEBYSCORE', UNTIL, '-inf', '(' .. text(now), 'LIMIT', 0, PORTION)) do
    local it = position(id)
    if it.ticket ~= '' then putAside(it, now) else remove(it) end
  end
  for _, key in ipairs(call('ZRANGEBYSCORE', GONE, '-inf', '(' .. text(now), 'LIMIT', 0, PORTION)) do
    call('ZREM', GONE, key)
    call('HDEL', CALLERS, key)
    call('HDEL', WIDER, key)
  end
  for _, free in ipairs(call('ZRANGEBYSCORE', SLOTS, '-inf', text(now), 'LIMIT', 0, PORTION)) do
    releaseSlot(free)
  end
end

-- The number of slots: all, or after a rejection by Momento fewer and one more each period.
local function slots()
  if not reducedAt then return terms.slots end
  local more = math.floor((now - reducedAt) / math.max(SECOND, terms.window))
  return math.min(terms.slots, reducedTo + more)
end

local function free()
  if now < closedUntil then return 0 end
  return math.max(0, slots() - call('ZCARD', SLOTS))
end

-- An estimate of when a caller with so many before it gets a slot.
local function slotAt(before)
  local earliest = math.max(now, closedUntil)
  local all = slots()
  local unused = math.max(0, all - call('ZCARD', SLOTS))
  if before < unused then return earliest end
  local takenAt = {}
  local unanswered = call('HGETALL', UNANSWERED)
  for i = 1, #unanswered, 2 do takenAt[unanswered[i]] = tonumber(unanswered[i + 1]) end
  local freeAt = {}
  local taken = call('ZRANGE', SLOTS, 0, -1, 'WITHSCORES')
  for i = 1, #taken, 2 do
    local since = takenAt[taken[i]]
    local expected = since and math.max(now, since + usualCall) + terms.window or tonumber(taken[i + 1])
    freeAt[#freeAt + 1] = math.max(earliest, expected)
  end
  table.sort(freeAt)
  -- After a reduction, the slots that are free first are not granted again.
  local nth = math.max(0, #freeAt - all) + before % all
  local first = nth < unused and earliest or freeAt[nth - unused + 1]
  return first + math.floor(before / all) * (terms.window + usualCall)
end

local function take()
  -- A request that polls again after a lost response can already have its slot.
  call('HINCRBY', STATE, 'taken', call('ZADD', SLOTS, text(now + terms.longestCall + terms.window), ticket))
  call('HSET', UNANSWERED, ticket, text(now))
end

-- In seconds.
local function retryAfter(wait, chance)
  wait = wait / SECOND
  local maxWait = terms.maxWait / SECOND
  local earliest = math.ceil(wait - EARLIEST * maxWait)
  local latest = math.floor(wait - LATEST * maxWait)
  local seconds = earliest <= latest and earliest + math.floor(chance * (latest - earliest + 1))
    or math.floor(wait - maxWait / 2 + 0.5)
  return math.max(1, math.min(LONGEST_RETRY_AFTER / SECOND, seconds))
end

-- The best position that the caller may come back to; a request of a network that comes before the Retry-After time
-- is another caller's.
local function keptPosition(key, shared)
  local last = shared and '[' .. key .. '\n' .. padded(now + EARLY) .. '\n~' or '(' .. key .. '\11'
  local kept = call('ZRANGEBYLEX', ABSENT, '[' .. key .. '\n', last, 'LIMIT', 0, MOST_POSITIONS_OF_A_CALLER)
  local best, bestRank
  for _, name in ipairs(kept) do
    local id = string.sub(name, -16)
    local rank = tonumber(call('ZSCORE', QUEUE, id))
    if not best or rank < bestRank or (rank == bestRank and id < best) then best, bestRank = id, rank end
  end
  return best
end

-- The rank of one more position of a caller or a wider network.
local function nextRank(key, arrivedAt, spacing)
  local known = caller(key)
  -- A slot granted ahead of its rank, while no other caller waited, does not count.
  local rank = known and math.max(arrivedAt, math.min(known.last, now + spacing * known.positions) + spacing) or arrivedAt
  remember(key, { last = rank, positions = (known and known.positions or 0) + 1 })
  return rank
end

-- The existing position, or a new one; nothing if there is no room.
local function positionFor(key, shared, waited, wider)
  local known = caller(key)
  local kept = known and keptPosition(key, shared)
  if kept then return position(kept) end
  local most = shared and MOST_POSITIONS_OF_A_NETWORK or MOST_POSITIONS_OF_A_CALLER
  if call('ZCARD', QUEUE) >= MOST_POSITIONS or (known and known.positions >= most) then return nil end
  local names = {}
  for i, group in ipairs(wider) do
    local others = caller(group.key)
    if others and others.positions >= group.positions then return nil end
    names[i] = group.key
  end
  local rank = nextRank(key, now - waited, SPACING)
  for _, group in ipairs(wider) do
    rank = math.max(rank, nextRank(group.key, now - waited, math.floor(SPACING / group.share)))
  end
  if #names > 0 then call('HSET', WIDER, key, table.concat(names, ' ')) end
  local it = { id = padded(call('HINCRBY', STATE, 'arrivals', 1)), ticket = '', expected = '', caller = key }
  call('ZADD', QUEUE, text(rank), it.id)
  return it
end

local function poll(key, shared, timeout, chance, afterOutage, waited, silence, wider)
  if afterOutage then close() end
  local waiting = call('HGET', TICKETS, ticket)
  if now >= closedUntil and call('HEXISTS', UNANSWERED, ticket) == 1 then
    -- Granted before, in a response that was lost: it is held from now on.
    if waiting then remove(position(waiting)) end
    take()
    return { 'granted' }
  end
  local it = waiting and position(waiting) or positionFor(key, shared, waited, wider)
  if not it then
    -- All positions are taken: the caller gets a slot only if no waiting caller needs it.
    if call('ZCARD', PRESENT) == 0 and free() > 0 then
      take()
      return { 'granted' }
    end
    local wait = slotAt(call('ZCARD', QUEUE)) - now
    return { 'rejected', retryAfter(wait + math.floor(wait * chance / 2), chance), 0 }
  end
  local others = call('ZCARD', PRESENT) - (waiting and 1 or 0)
  call('ZADD', PRESENT, call('ZSCORE', QUEUE, it.id), it.id)
  local ahead = call('ZRANK', PRESENT, it.id)
  if ahead < free() then
    remove(it)
    take()
    return { 'granted' }
  end
  local wait = slotAt(call('ZRANK', QUEUE, it.id)) - now
  if timeout > 0 and (waiting or wait <= timeout or others < slots()) then
    -- Only waiting callers count: rejected ones are skipped.
    local pause = math.max(SHORTEST_PAUSE, math.min(LONGEST_PAUSE, slotAt(ahead) - now))
    noLongerAbsent(it)
    it.ticket = ticket
    write(it)
    call('ZADD', UNTIL, text(now + pause + silence), it.id)
    call('HSET', TICKETS, ticket, it.id)
    return { 'wait', pause }
  end
  local seconds = retryAfter(wait, chance)
  putAside(it, now + seconds * SECOND)
  return { 'rejected', seconds, 1 }
end

-- The usual duration of a call is that of the quickest quarter; calls not yet made count as quick.
local function took(duration)
  local state = fields({ 'nextCall' })
  local nextCall = state.nextCall or 0
  call('HSET', STATE, 'call' .. nextCall, text(duration), 'nextCall', (nextCall + 1) % CALLS)
  local names, last = {}, {}
  for i = 0, CALLS - 1 do names[i + 1] = 'call' .. i end
  for i, value in ipairs(call('HMGET', STATE, unpack(names))) do last[i] = tonumber(value or 0) end
  table.sort(last)
  call('HSET', STATE, 'usualCall', text(last[math.floor(CALLS / 4) + 1]))
end

local function answered(overLimit)
  load()
  local takenAt = call('HGET', UNANSWERED, ticket)
  if takenAt then
    call('HDEL', UNANSWERED, ticket)
    call('ZADD', SLOTS, text(now + terms.window), ticket)
    took(now - tonumber(takenAt))
  end
  -- Concurrent calls are rejected together, which counts once.
  if overLimit and (not reducedAt or now - reducedAt >= SECOND) then
    call('HSET', STATE, 'reducedTo', math.max(1, math.floor(slots() / 2)), 'reducedAt', text(now))
  end
end

if step == 'poll' then
  open(ARGV[8] == '1')
  sweep()
  local wider = {}
  for i = 16, #ARGV, 3 do
    wider[#wider + 1] = { key = ARGV[i], share = tonumber(ARGV[i + 1]), positions = tonumber(ARGV[i + 2]) }
  end
  return poll(
    ARGV[9], ARGV[10] == '1', tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13] == '1', tonumber(ARGV[14]),
    tonumber(ARGV[15]), wider)
elseif step == 'answered' then
  answered(ARGV[8] == '1')
elseif step == 'release' then
  releaseSlot(ticket)
elseif step == 'leave' then
  local id = call('HGET', TICKETS, ticket)
  if id then remove(position(id)) end
elseif step == 'status' then
  open(ARGV[8] == '1')
  sweep()
  local positions = call('ZCARD', QUEUE)
  return { slots(), free(), call('ZCARD', PRESENT), positions, slotAt(positions) - now }
else
  return redis.error_reply('no such step')
end
