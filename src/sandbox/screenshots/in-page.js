// Runs in local-slack's page, after the source of `asSlackShows`. Each part of `pictures` gives null until it can be done.

/* global asSlackShows */

const messageIn = (list, ts) => document.querySelector(`${list} .msg[data-ts="${ts}"]`)

globalThis.pictures = {
  /** Chooses who looks. */
  actAs(user) {
    const select = [...document.querySelectorAll('.actas select')].at(-1)
    if (![...(select?.options ?? [])].some((option) => option.value === user)) return null
    select.value = user
    select.dispatchEvent(new Event('change', { bubbles: true }))
    return true
  },

  openThread(ts) {
    if (messageIn('.thread-body', ts) !== null) return true
    messageIn('.messages', ts)?.querySelector('.thread-summary')?.click()
    return null
  },

  /**
   * Scrolls a list so that it begins with a message, once that has the words. Gives the height, in px, of a window in which
   * everything from there on can be seen: 0 where the list is not seen at all.
   */
  scrollTo(list, ts, words) {
    const message = messageIn(list, ts)
    if (message === null || !new RegExp(words).test(message.textContent)) return null
    const scroller = document.querySelector(list)
    if (scroller.clientHeight === 0) return 0
    message.scrollIntoView({ block: 'start' })
    const above = message.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop
    return Math.ceil(innerHeight - scroller.clientHeight + scroller.scrollHeight - above)
  },
}

addEventListener('DOMContentLoaded', () => {
  const rewrite = () => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const shown = asSlackShows(texts.currentNode.nodeValue)
      if (shown !== texts.currentNode.nodeValue) texts.currentNode.nodeValue = shown
    }
  }
  new MutationObserver(rewrite).observe(document.body, { childList: true, characterData: true, subtree: true })
})
