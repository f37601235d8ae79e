// Where every unit is: an equation that ends in 0, reckoned here, and how to check all of it.

import { live } from './live.js'
import { clock, decimal, facts, fill, h, panel, table, units } from './lib.js'

const terms = [['deposits', '', 'everything that ever came in'], ['withdrawals', '−', 'everything that ever went out'], ['users', '−', 'cash and positions of all users'],
  ['fund', '−', 'the insurance fund'], ['vault', '−', 'the backstop vault'], ['fees', '−', 'the venue’s fees']]

/** The view. */
export function proof() {
  const equation = h('table', { class: 'equation' })
  const sizes = table('Longs and shorts', ['Market', 'Long', '−', 'Short', '=', 'Left'])
  const seals = h('div')
  const element = h('div', { class: 'proof-view' }, h('h1', {}, 'Proof'),
    h('p', { class: 'intro' }, 'A perp market holds one pile of cash and rules that move it. Nothing is made and nothing is lost: whatever came in and did not go out belongs to somebody, to the last unit.'),
    h('div', { class: 'two' },
      panel('The pile', {}, equation),
      panel('Longs balance shorts', {}, h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Longs and shorts' }, sizes))),
    panel('Check it yourself', {}, seals,
      h('p', {}, 'Copy the venue’s directory and execute its log again: every hash that it states is compared.'),
      h('pre', { tabindex: '0' }, h('code', {}, 'zerosum verify DIRECTORY')),
      h('p', { class: 'quiet' }, 'It prints the state hash of the last command; the same command gives the same hash everywhere.')))
  return {
    element,
    open() { live.ask('conservation', '/zerosum/v1/conservation', { every: 1000 }) },
    close() { live.drop('conservation') },
    paint() {
      const it = live.data('conservation')
      if (!it) return
      const left = terms.reduce((all, [name, sign]) => (sign ? all - units(it[name]) : all + units(it[name])), 0n)
      equation.replaceChildren(h('caption', { class: 'hidden' }, 'Deposits less everything that somebody has'), h('tbody', {},
        terms.map(([name, sign, words]) => h('tr', {}, h('td', {}, sign), h('th', { scope: 'row' }, name, ' ', h('small', {}, words)), h('td', { class: 'number' }, decimal(units(it[name]))))),
        h('tr', { class: `result ${left === 0n ? 'good' : 'bad'}` }, h('td', {}, '='), h('th', { scope: 'row' }, left === 0n ? 'nothing is missing ✓' : 'missing'),
          h('td', { class: 'number', id: 'missing' }, decimal(left)))))
      fill(sizes, it.markets.map((one) => [one.symbol, JSON.stringify(one), () => [one.symbol, one.long, '−', one.short, '=', h('b', { class: units(one.long) === units(one.short) ? 'good' : 'bad' }, decimal(units(one.long) - units(one.short)))]]))
      const status = live.data('status')
      seals.replaceChildren(facts([['Taken at', clock(live.at('conservation'), true)], ['Command', `№ ${it.sequence}`], ['State hash', h('code', {}, it.stateHash)],
        ['Chain of the log', h('code', {}, status?.chain ?? '—')], ['Newest snapshot', status?.snapshot ? `№ ${status.snapshot}` : 'none yet']], { class: 'tall' }))
    },
  }
}
