// Who goes home first: both sides of a market, ranked; your places; and every deleveraging so far.

import { account, live } from './live.js'
import { clock, facts, fill, h, lights, moment, panel, show, span, table } from './lib.js'
import { address, decimals, state } from './state.js'

function sidePanel(title, hint) {
  const summary = h('p', { class: 'quiet' })
  const list = table(title, ['Rank', 'Account', 'Lights', 'Size', 'Notional', 'Profit', 'Leverage', 'Score', 'Ahead'])
  return {
    element: panel(title, { class: 'side' }, h('p', { class: 'quiet' }, hint), summary,
      h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title }, list)),
    paint(side, at) {
      if (!side) return
      const self = account.get() ? `account-${account.get().account}` : ''
      summary.textContent = `${side.positions} positions in profit, ${show(side.size, decimals().quantity)} altogether; taken at ${clock(at, true)}`
      fill(list, side.rows.map((it) => [`${it.account} ${it.positionSide}`, JSON.stringify(it), () => [String(it.rank), it.account + (it.account === self ? ' (you)' : ''),
        lights(it.lights), show(it.size, decimals().quantity), show(it.notional, 0), show(it.profit, 2), show(it.leverage, 2) + '×',
        h('span', { class: 'number', title: String(it.score) }, show(it.profit, 0) + ' × ' + show(it.leverage, 1)), show(it.ahead, decimals().quantity)],
      { class: it.account === self ? 'own' : '' }]), 'Nobody on this side is in profit.')
    },
  }
}

/** The view. */
export function queue() {
  const longs = sidePanel('Longs in profit', 'They are closed if shorts go below zero: when the price rises too far.')
  const shorts = sidePanel('Shorts in profit', 'They are closed if longs go below zero: when the price falls too far.')
  const mine = h('div')
  const history = table('Deleveragings', ['When', 'Episode', 'Market', 'Deleveraged', 'Needed', 'Taken', 'Overshoot', 'Vault’s limit'])
  const element = h('div', { class: 'queue' }, h('h1', {}, 'Queue'),
    h('p', { class: 'intro' }, 'If everything else is used up, the biggest, most profitable and most leveraged on the other side are closed first: score = profit × leverage. Five lights: the first fifth.'),
    panel('Your places', { class: 'mine' }, mine),
    h('div', { class: 'two' }, longs.element, shorts.element),
    panel('Every deleveraging', {}, h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Deleveragings' }, history)))
  function ask() {
    if (!state.market) return
    live.ask('queue', '/zerosum/v1/queue', { parameters: { symbol: state.market, limit: 100 } })
    live.ask('adl', '/zerosum/v1/episodes', { parameters: { deleveraged: 'true', limit: 200 }, every: 500 })
    if (account.get()) live.ask('lights', '/zerosum/v1/lights', { signed: true })
  }
  return {
    element, open: ask, marketChanged: ask,
    close() { for (const name of ['queue', 'adl', 'lights']) live.drop(name) },
    paint() {
      const board = live.data('queue')
      if (board?.symbol === state.market) {
        longs.paint(board.longs, board.at)
        shorts.paint(board.shorts, board.at)
      }
      const own = live.data('lights')?.positions
      if (!account.get()) mine.replaceChildren(h('p', { class: 'none' }, 'Open a playground account on the first screen, take a position, and its place is shown here.'))
      else if (own) {
        mine.replaceChildren(...(own.length ? own.map((it) => h('div', { class: 'place' }, h('h3', {}, `${it.symbol} ${it.positionSide === 'both' ? '' : it.positionSide}`, lights(it.lights)),
          facts([['Rank', it.rank === null ? 'not in profit' : `${it.rank} of ${it.of}`], ['Score', it.rank === null ? '—' : `${show(it.profit, 2)} × ${show(it.leverage, 2)}`],
            ['Ahead of you', it.aheadNotional === null ? '—' : show(it.aheadNotional, 2)],
            ['Reaches you at', it.reach ? show(it.reach.price) : it.rank === null ? '—' : 'no price up to ten times this one'],
            ['Deficit there', it.reach ? show(it.reach.deficit, 2) : '—']]),
          h('p', { class: 'quiet' }, `As the queue stood ${clock(it.at, true)}, if this market moved there at once and nobody took anything.`))) : [h('p', { class: 'none' }, 'You have no position.')]))
      }
      fill(history, (live.data('adl')?.episodes ?? []).map((it) => [it.episode, JSON.stringify(it), () => [h('span', { title: moment(it.at) }, clock(it.at, true)),
        h('a', { href: address('waterfall', it.episode) }, String(it.episode)), it.symbol, show(it.steps.deleveraging.notional, 0), show(it.needed, 2), show(it.taken, 2), show(it.overshoot, 2), it.limit ?? '—']]),
      'Nobody was ever deleveraged here.')
    },
  }
}
