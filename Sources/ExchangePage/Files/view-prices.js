// Where prices come from, and every rule that decides money, with its history.

import { doingsTable, fillDoings } from './doings.js'
import { live, venueNow } from './live.js'
import { facts, fill, h, panel, percent, show, span, table, units } from './lib.js'
import { decimals, marketEntry, state } from './state.js'

const standings = {
  counts: '✓ counts', stale: '✕ stale', tooFar: '✕ too far from the others', notPositive: '✕ not positive', withoutWeight: '✕ no weight',
  perpetual: 'a perpetual: for the mark only', unknown: '— never heard',
}
const meaning = {
  valid: 'Positions are liquidated and orders taken.', tooFew: 'Too few sources: nobody is liquidated here.', stale: 'Too many sources are old: nobody is liquidated here.',
  tooFar: 'Sources disagree too much: nobody is liquidated here.', notPositive: 'Sources say nothing positive: nobody is liquidated here.', none: 'No price yet: only limit orders are taken.',
}
const spans = new Set(['staleAfter', 'fundingInterval', 'averageTime'])
const rates = new Set(['maker', 'taker', 'liquidationFee', 'indexBand', 'averageBand', 'priceBand', 'deviationLimit', 'interest', 'fundingCap', 'buffer', 'fundShare'])

function ruleValue(name, value) {
  if (spans.has(name)) return span(value)
  if (name === 'bidLimit') return units(value) < 0n ? 'the lowest maintenance rate' : percent(value, 3)
  if (rates.has(name)) return percent(value, 4).replace(/0+(?=\u202f%)/, '').replace(/\.(?=\u202f%)/, '')
  return String(value)
}

/** The view. */
export function prices() {
  const list = table('Sources', ['Source', 'Kind', 'Weight', 'Price', 'From the index', 'Age', 'Standing'])
  const summary = h('div')
  const rules = h('div')
  const tiers = table('Brackets', ['Up to', 'Maintenance', 'Leverage at most'])
  const doings = doingsTable()
  const region = (label, it) => h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label }, it)
  const element = h('div', { class: 'prices' }, h('h1', {}, 'Prices and rules'),
    panel('Sources of the price', {}, summary, region('Sources', list)),
    h('div', { class: 'two' }, panel('Rules in force', {}, rules, h('h3', {}, 'Brackets'), region('Brackets', tiers)),
      panel('History of the rules', {}, h('p', { class: 'quiet' }, 'Everything that administrators ever did, from the log; newest first.'), region('History', doings))))
  function ask() {
    if (!state.market) return
    live.ask('sources', '/zerosum/v1/sources', { parameters: { symbol: state.market } })
    live.ask('history', '/zerosum/v1/parameters/history', { parameters: { limit: 500 }, every: 1000 })
  }
  let shownRules = ''
  return {
    element, open: ask, marketChanged: ask,
    close() { live.drop('sources'); live.drop('history') },
    paint() {
      const answer = live.data('sources')
      const entry = marketEntry()
      if (answer?.symbol === state.market) {
        summary.replaceChildren(facts([['Index', show(answer.index, decimals().price)], ['Validity', answer.validity], ['Quorum', String(answer.quorum)], ['Stale after', span(answer.staleAfter)],
          ['Mark method', entry?.parameters.mark ?? '—']]), h('p', { class: 'quiet' }, meaning[answer.validity] ?? ''))
        const index = units(answer.index)
        fill(list, answer.sources.map((it) => {
          const age = Math.max(0, venueNow() * 1000 - it.at)
          const apart = index ? ((units(it.price) - index) * 100_000_000n) / index : null
          return [it.source, `${JSON.stringify(it)} ${Math.floor(age / 250_000)}`, () => [`№ ${it.source}`, it.kind, String(it.weight), show(it.price, decimals().price),
            apart === null ? '—' : percent((Number(apart) / 1e8).toFixed(8), 3), span(age), standings[it.standing] ?? it.standing], { class: it.standing === 'counts' ? '' : 'faint' }]
        }), 'No source ever said anything.')
      }
      const signature = JSON.stringify(entry?.parameters ?? null)
      if (entry && signature !== shownRules) {
        shownRules = signature
        const hidden = new Set(['sequence', 'at', 'do', 'symbol', 'tiers'])
        rules.replaceChildren(facts(Object.entries(entry.parameters).filter(([name]) => !hidden.has(name))
          .map(([name, value]) => [name.replace(/[A-Z]/g, (it) => ' ' + it.toLowerCase()), ruleValue(name, value), String(value)]), { class: 'rules' }))
        fill(tiers, entry.parameters.tiers.map((it, place) => [place, JSON.stringify(it), () => [it.upTo ? show(it.upTo) : 'beyond', percent(it.maintenance, 2), `${it.leverage}×`]]))
      }
      fillDoings(doings, live.data('history')?.commands ?? [])
    },
  }
}
