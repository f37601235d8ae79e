// Every episode of the waterfall, how it went, down to each fill; and the receipt at its own address.

import { account, ask, live } from './live.js'
import { LongList, clock, decimal, facts, fill, h, moment, money, panel, show, table, units } from './lib.js'
import { address, state } from './state.js'
import { flow } from './flow.js'
import { tag } from './view-trade.js'

const steps = [
  ['book', 'order book', 'tone-book'], ['netting', 'netted against each other', 'tone-net'],
  ['volunteers', 'volunteers', 'tone-vol'], ['vault', 'backstop vault', 'tone-vault'],
  ['deleveraging', 'deleveraged', 'tone-adl'], ['residual', 'closed at mark, borne by all', 'tone-res'],
  ['settlement', 'the market’s end', 'tone-net'],
]

const tags = { deleveraging: 'ADL', vault: 'VAULT', volunteer: 'VOL', netting: 'NET', residual: 'RES', settlement: 'SETTLE' }

/** How a position went: what each step closed. */
function closedFlow(parts) {
  const list = steps.map(([key, name, tone]) => ({ name, tone, value: units(parts[key].notional),
    note: parts[key].fills ? `${parts[key].fills} fills` : '' }))
  return flow('Closed', list.reduce((all, it) => all + it.value, 0n), list, 'worth at the prices of the fills')
}

/** Who bore what was missing, in the order in which they are asked. */
function deficitFlow(it) {
  const deficit = units(it.deficit)
  if (deficit === 0n) return h('p', { class: 'quiet' }, 'Nothing was missing: whoever took over was paid in full.')
  const debt = units(it.debt)
  return flow('Deficit', deficit, [
    { name: 'owner’s other accounts', tone: 'tone-own', value: units(it.recourse) },
    { name: 'insurance fund', tone: 'tone-fund', value: units(it.fund), note: it.fundBefore ? `had ${it.fundBefore} before` : '' },
    { name: 'vault, below the mark', tone: 'tone-vault', value: units(it.vault) },
    { name: 'given up by the deleveraged', tone: 'tone-adl', value: units(it.givenUp) },
    { name: 'residual, charged to all', tone: 'tone-res', value: units(it.residual) - debt },
    { name: 'debt, owed by the fund', tone: 'tone-debt', value: debt },
    { name: 'rounding, came back', tone: 'tone-net', value: -units(it.rounding) },
  ], 'as the receipt states it')
}

// The receipt.

const name = (text, self) => (text === self ? `${text} (you)` : text)

function stepLine(it, self) {
  const q = (text) => show(text)
  switch (it.step) {
    case 'liquidationOrder':
      return ['book', `${it.side} ${q(it.quantity)} ${it.market} to ${q(it.limit)} or better: best bid ${q(it.bestBid)}, best ask ${q(it.bestAsk)}, `
        + `${q(it.depth)} stood within the limit, ${q(it.filled)} was filled`]
    case 'trade': return ['fill', `${q(it.quantity)} ${it.market} at ${q(it.price)} against ${name(it.maker, self)}, fee ${q(it.takerFee)}`, 'LIQ']
    case 'recoursePaid':
      return ['owner', `${name(it.account, self)}, of the same owner, paid ${q(it.amount)}` + (it.market ? ` out of its isolated margin in ${it.market}` : '')]
    case 'fundPaid': return ['fund', `paid ${q(it.amount)}: had ${q(it.before)}, has ${q(it.after)}`]
    case 'volunteersAsked':
      return ['volunteers', `${q(it.asked)} ${it.market} asked: ${it.offers} offers, ${it.eligible} could for ${q(it.offered)}; ${it.takers} took ${q(it.taken)}, `
        + `${it.withoutMargin} had no margin, ${it.withoutBid} asked more than the fund may add`]
    case 'vaultQuote':
      return ['vault', `${q(it.asked)} ${it.market} asked, took ${q(it.taken)}` + (it.limit === 'none' ? '' : `; its limit: ${it.limit}`)
        + (it.limit === 'absent' ? ': there is none, nothing is known of it' : ` (equity ${q(it.equity)}, first loss left ${q(it.firstLoss)})`)]
    case 'queueRanked':
      return ['queue', `${it.candidates} candidates for ${q(it.remainder)} ${it.market}, ${q(it.deficit)} missing; digest ${it.digest}`]
    case 'closing':
      return [it.kind, `${q(it.quantity)} ${it.market} at ${q(it.paid ?? it.price)} (mark ${q(it.price)}) with ${name(it.counterparty, self)}`
        + (units(it.adjustment) ? `, ${units(it.adjustment) > 0n ? 'which got' : 'which gave up'} ${q(decimal(units(it.adjustment) < 0n ? -units(it.adjustment) : units(it.adjustment)))}` : '')
        + (it.kind === 'deleveraging' || units(it.kept ?? '0') ? `; kept ${q(it.kept ?? null)} of what its lots realised` : '')
        + (it.rank ? `; rank ${it.rank}, score ${it.score} = profit ${q(it.profit)} × leverage ${show(it.leverage)}` : '')
        + (units(it.bid ?? '0') ? `; the fund added ${q(it.bid)}` : ''), tags[it.kind]]
    case 'residualCharged': return ['residual', `${name(it.account, self)} was charged ${q(it.amount)}`]
    default: return [it.step, JSON.stringify(it)]
  }
}

function receiptPanel() {
  const body = h('div', { class: 'receipt-body' })
  const element = panel('Receipt', { class: 'receipt' }, body)
  let shown = null
  async function load(episode) {
    if (shown === episode) return
    shown = episode
    try {
      const [rows, list] = await Promise.all([ask(`/zerosum/v1/receipts?episode=${episode}&limit=1`), ask('/zerosum/v1/episodes?limit=1000')])
      if (shown !== episode) return
      const receipt = rows.receipts[0]
      const row = list.episodes.find((it) => String(it.episode) === String(episode))
      if (!receipt) throw new Error(`There is no receipt of episode ${episode} any more, or not yet.`)
      write(receipt, row)
    } catch (error) {
      body.replaceChildren(h('p', { class: 'problem' }, error.message))
      shown = null
    }
  }
  function write(receipt, row) {
    const self = account.get() ? `account-${account.get().account}` : ''
    const why = receipt.why
    const sum = receipt.sum
    const lines = receipt.steps.map((it) => stepLine(it, self))
    body.replaceChildren(
      h('p', { class: 'lead' }, `Episode ${receipt.episode}: ${name(receipt.account, self)} was liquidated on ${why.trigger} at ${moment(receipt.at)} and ended ${sum.outcome}.`),
      facts([['Mark', show(why.mark)], ['Mark before', show(why.previousMark)], ['Valid sources', String(why.sources)],
        ['Equity', money(why.equity)], ['Maintenance', money(why.maintenance)], ['Round', String(why.round)]]),
      h('div', { class: 'flows' }, row ? closedFlow(row.steps) : h('p', { class: 'quiet' }, 'Too old for its sums to be kept; every fill is below.'),
        deficitFlow({ ...sum, fundBefore: row?.fundBefore })),
      facts([['Needed', money(sum.needed)], ['Taken', money(sum.taken)], ['Overshoot', money(sum.overshoot)], ['Bids paid', money(sum.bids)],
        ['Equity at the end', money(sum.equity)]]),
      h('h3', {}, 'Step by step'),
      h('ol', { class: 'steps' }, lines.slice(0, 400).map(([kind, text, mark]) => h('li', {}, h('b', {}, kind), ' ', mark ? tag(mark) : null, ' ', text))),
      lines.length > 400 ? h('p', { class: 'quiet' }, `${lines.length - 400} more are in the receipt itself.`) : '',
      h('p', {}, h('a', { href: `/zerosum/v1/receipts?episode=${receipt.episode}` }, 'The receipt as the venue states it'), ' · ',
        h('button', { type: 'button', class: 'plain', onclick: () => navigator.clipboard.writeText(location.href) }, 'copy this address')))
  }
  return { element, load }
}

// All fills of the waterfall, by their gapless number.

function fillsPanel() {
  const count = h('p', { class: 'quiet', role: 'status' }, 'waiting for the stream')
  const list = new LongList('Every fill of the waterfall, newest first', 24, (row) => h('a', { class: 'fill', href: address('waterfall', row.fill.episode) },
    h('span', { class: 'number' }, `№ ${row.number}`), h('span', {}, clock(row.at, true)),
    h('span', {}, tag(row.fill.event === 'trade' ? 'LIQ' : tags[row.fill.kind])),
    h('span', {}, row.fill.market), h('span', { class: 'number' }, show(row.fill.quantity)), h('span', { class: 'number' }, show(row.fill.price)),
    h('span', { class: 'quiet' }, row.fill.event === 'trade' ? `${row.fill.taker} → ${row.fill.maker}` : `${row.fill.closed} → ${row.fill.counterparty}`)))
  let rows = []
  let gaps = 0
  let socket = null
  let isChanged = false
  function connect(from) {
    socket = new WebSocket(location.origin.replace(/^http/, 'ws') + `/zerosum/v1/stream${from === null ? '' : '?from=' + from}`)
    socket.onmessage = (message) => {
      const it = JSON.parse(message.data)
      if (it.number === undefined) return
      if (rows.length && it.number !== rows[0].number + 1) gaps += 1
      rows.unshift({ ...it, key: it.number })
      if (rows.length > 10_000) rows.length = 10_000
      isChanged = true
    }
    socket.onclose = () => { if (socket) setTimeout(() => socket && connect(rows.length ? rows[0].number + 1 : null), 1000) }
  }
  return {
    element: panel('Every fill of the waterfall', { class: 'fills' }, count, list.element),
    async open() {
      if (socket) return
      // The newest ten thousand there are, then whatever comes.
      const last = (await ask('/zerosum/v1/fills?limit=1')).fills[0]?.number ?? 0
      if (!socket) connect(Math.max(1, last - 9_999))
    },
    close() { const it = socket; socket = null; it?.close() },
    paint() {
      if (!isChanged) return
      isChanged = false
      list.set(rows)
      count.textContent = `${rows.length} fills, № ${rows.at(-1).number} to ${rows[0].number}, ${gaps} gaps`
    },
  }
}

/** The view. */
export function waterfall() {
  const columns = ['When', 'Episode', 'Account', 'Market', 'Closed', 'Book', 'Volunteers', 'Vault', 'Deleveraged', 'Deficit', 'Recourse', 'Fund', 'Overshoot', 'Ended']
  const list = table('Episodes, newest first', columns)
  const only = h('input', { type: 'checkbox', id: 'only-adl' })
  const receipt = receiptPanel()
  const fills = fillsPanel()
  const totals = h('div', { class: 'flows' })
  const element = h('div', { class: 'waterfall' },
    h('h1', {}, 'Waterfall'),
    h('p', { class: 'intro' }, 'When somebody’s margin is gone, their position goes to the order book. What is missing below zero their owner’s other accounts pay, then the fund; what is left of the position goes to volunteers, to the vault, and, of whoever was below zero, to the other side’s queue; what nobody bore is the residual. Each time, in this order, with a receipt.'),
    receipt.element,
    panel('The last hundred episodes together', { class: 'together' }, totals),
    panel('Episodes', { class: 'episodes' }, h('label', { class: 'check', for: 'only-adl' }, only, ' only those in which somebody was deleveraged'),
      h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Episodes' }, list)),
    fills.element)
  const ask = () => live.ask('episodes', '/zerosum/v1/episodes', { parameters: { limit: 100, deleveraged: only.checked ? 'true' : null } })
  only.addEventListener('change', ask)
  let signature = ''
  return {
    element,
    open() {
      ask()
      fills.open().catch(() => {})
      receipt.element.hidden = !state.argument
      if (state.argument) {
        receipt.load(state.argument)
        receipt.element.scrollIntoView({ block: 'start' })
      }
    },
    close() { live.drop('episodes'); fills.close() },
    paint() {
      fills.paint()
      const answer = live.data('episodes')
      if (!answer) return
      const rows = answer.episodes
      const next = `${rows.length} ${rows[0]?.episode}`
      if (next !== signature) {
        signature = next
        const add = (pick) => rows.reduce((all, it) => all + units(pick(it)), 0n)
        const parts = Object.fromEntries(steps.map(([key]) => [key, { notional: decimal(add((it) => it.steps[key].notional)),
          fills: rows.reduce((all, it) => all + it.steps[key].fills, 0) }]))
        totals.replaceChildren(...(rows.length === 0 ? [h('p', { class: 'none' }, 'No episode yet. In a playground, press Crash now.')] : [closedFlow(parts),
          deficitFlow(Object.fromEntries(['deficit', 'recourse', 'fund', 'vault', 'givenUp', 'residual', 'debt', 'rounding'].map((key) => [key, decimal(add((it) => it[key]))])))]))
      }
      fill(list, rows.map((it) => [it.episode, JSON.stringify(it), () => {
        const part = (key) => (it.steps[key].fills ? show(it.steps[key].notional, 0) : '—')
        return [h('span', { title: moment(it.at) }, clock(it.at, true)), h('a', { href: address('waterfall', it.episode) }, String(it.episode)), it.account, it.symbol,
          show(it.notional, 0), part('book'), part('volunteers'), part('vault'), part('deleveraging'), show(it.deficit, 2), show(it.recourse, 2), show(it.fund, 2), show(it.overshoot, 2), it.outcome]
      }]), 'No episode yet.')
    },
  }
}
