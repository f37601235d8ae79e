// What stands between a bankrupt and the queue: the fund, the vault, the volunteers.

import { live } from './live.js'
import { clock, facts, fill, float, h, money, panel, percent, s, show, span, table, units } from './lib.js'
import { decimals, state } from './state.js'

const reasons = {
  deposit: 'paid in', liquidationFee: 'liquidation fee', insurance: 'insurance of a deficit', recourse: 'an owner’s other account paid', volunteerBid: 'added to a volunteer’s price', rounding: 'rounding',
  debtRepayment: 'debt repaid', tradingFee: 'trading fee', trade: 'realised in the book', rebate: 'rebate', vaultDeposit: 'shares bought', vaultRedemption: 'shares redeemed', residual: 'residual', settlement: 'settlement', volunteer: 'volunteer', netting: 'netting', takeover: 'takeover', deleveraging: 'deleveraging', funding: 'funding, rounding',
}

/** A line through values, with its first and last and its extremes as text. */
function curve(title, points) {
  if (points.length < 2) return h('p', { class: 'quiet' }, 'Not enough happened yet for a curve.')
  const values = points.map((it) => float(it.value))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const [first, last] = [Number(points[0].at), Number(points.at(-1).at)]
  const x = (it) => 4 + (492 * (Number(it.at) - first)) / Math.max(1, last - first)
  const y = (it) => 84 - (78 * (float(it.value) - low)) / Math.max(1e-9, high - low)
  // Stairs: it stood still between two points.
  const line = points.map((it, place) => (place === 0 ? `M${x(it)} ${y(it)}` : `H${x(it).toFixed(1)} V${y(it).toFixed(1)}`)).join(' ')
  const drawing = s('svg', { viewBox: '0 0 500 90', class: 'curve', role: 'img', preserveAspectRatio: 'none',
    'aria-label': `${title}: from ${points[0].value} to ${points.at(-1).value}, lowest ${low}, highest ${high}` }, s('path', { d: line }))
  return h('figure', { class: 'curve-figure' }, drawing,
    h('figcaption', { class: 'quiet' }, `${clock(first)} to ${clock(last)} · lowest ${show(low.toFixed(2), 2)} · highest ${show(high.toFixed(2), 2)}`))
}

/** The view. */
export function reserves() {
  const fundFacts = h('div')
  const fundCurve = h('div')
  const moves = table('What moved the fund', ['When', 'Why', 'With', 'Amount', 'Balance'])
  const vaultFacts = h('div')
  const vaultCurve = h('div')
  const inventory = table('What the vault holds', ['Market', 'Size', 'Notional', 'Entry notional', 'Unrealised', 'Cap', 'Cap used', 'Edge asked'])
  const sources = table('Where the vault’s cash came from', ['Why', 'Amount'])
  const limits = h('p')
  const offers = table('Volunteers’ offers', ['Account', 'Takes over', 'Up to', 'Edge asked'])
  const region = (label, list) => h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label }, list)
  const element = h('div', { class: 'reserves' }, h('h1', {}, 'Fund and vault'),
    h('p', { class: 'intro' }, 'Finite money. When it is used up, the deleveraged pay; so here is all of it, with everything that ever moved it.'),
    h('div', { class: 'two' },
      panel('Insurance fund', {}, fundFacts, fundCurve, region('Movements of the fund', moves)),
      panel('Backstop vault', {}, vaultFacts, limits, vaultCurve, h('h3', {}, 'Inventory'), region('Inventory', inventory), h('h3', {}, 'Profit by source'), region('Sources', sources))),
    panel('Volunteers', {}, h('p', { class: 'quiet' }, 'Standing offers to take over what is being liquidated, cheapest first.'), region('Offers', offers)))
  const ask = () => { if (state.market) live.ask('offers', '/zerosum/v1/volunteers', { parameters: { symbol: state.market }, every: 500 }) }
  let signature = ''
  return {
    element, open: ask, marketChanged: ask,
    close() { live.drop('offers') },
    paint() {
      const fund = live.data('fund')
      const vault = live.data('vault')
      const next = `${fund?.history.length} ${fund?.balance} ${vault?.equity} ${vault?.history.length}`
      if (next !== signature) {
        signature = next
        if (fund) {
          fundFacts.replaceChildren(facts([['Balance', money(fund.balance)], ['Debt, which it owes', money(fund.debt)]], { class: units(fund.debt) > 0n ? 'big owing' : 'big' }))
          fundCurve.replaceChildren(curve('The fund', fund.history.map((it) => ({ at: it.at, value: it.balance }))))
          fill(moves, [...fund.history].reverse().map((it, place) => [`${it.at} ${it.balance} ${fund.history.length - place}`, '', () => [clock(it.at, true), reasons[it.reason] ?? it.reason, it.counterparty ?? 'outside',
            money(it.amount, { signed: true }), units(it.balance) < 0n ? h('span', {}, 'owes ', money(-units(it.balance))) : money(it.balance)]]))
        }
        if (vault) paintVault(vault)
      }
      fill(offers, (live.data('offers')?.offers ?? []).map((it) => [`${it.account} ${it.side}`, JSON.stringify(it), () => [`account-${it.account}`,
        it.side === 'SELL' ? 'longs being sold' : 'shorts being bought', show(it.quantity, decimals().quantity), percent(it.edge, 2)]]), 'Nobody offers anything in this market.')
    },
  }
  function paintVault(vault) {
    if (!vault.exists) return vaultFacts.replaceChildren(h('p', { class: 'none' }, 'This venue has no vault.'))
    const share = vault.shares > 0 ? (units(vault.equity) * 100_000_000n) / BigInt(vault.shares) : null
    vaultFacts.replaceChildren(facts([['Equity', money(vault.equity)], ['Profit', money(vault.profit, { signed: true })], ['Shares', show(BigInt(vault.shares))],
      ['Worth of a share', show(share, 6)], ['Of the venue', vault.shares ? percent(String(vault.venueShares / vault.shares), 1) : '—'],
      ['First loss left', money(vault.firstLoss)], ['Room for margin', money(vault.available)], ['Leverage', `${vault.leverage}×`], ['Lock-up', span(vault.lockUp)]]))
    const binding = vault.isInLiquidation ? 'It is being liquidated itself and takes nothing.'
      : units(vault.available) <= 0n ? 'Its margin is used up: that is the limit that binds now.'
        : vault.positions.some((it) => it.cap !== null && units(it.notional) >= units(it.cap)) ? 'It is at its cap in a market: that is the limit that binds there.'
          : units(vault.firstLoss) === 0n ? 'Its first loss is used up: it takes nothing below the edge that it asks.'
            : 'No limit binds now: it takes what fits its margin, at the zero price or, from its first loss, below.'
    limits.textContent = binding
    vaultCurve.replaceChildren(curve('The vault', vault.history.map((it) => ({ at: it.at, value: it.equity }))))
    fill(inventory, vault.positions.map((it) => [it.symbol, JSON.stringify(it), () => [it.symbol, show(it.size), show(it.notional, 0), show(it.entryNotional, 0), money(it.unrealized, { signed: true }),
      it.cap === null ? 'none' : show(it.cap, 0), it.cap === null ? '—' : percent(String(float(it.notional) / Math.max(1, float(it.cap))), 0), percent(it.edge, 2)]]))
    fill(sources, vault.flows.map((it) => [it.reason, it.amount, () => [reasons[it.reason] ?? it.reason, money(it.amount, { signed: true })]]))
  }
}
