// Which texts of a panel reach beyond what hides them, to the left or the right. Below one can scroll.
const clipping = (e) => (!e || getComputedStyle(e).overflowX !== "visible" ? e : clipping(e.parentElement));

export function cutOff(panel) {
  const found = [];
  const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const text = range.getBoundingClientRect();
    const edge = clipping(texts.currentNode.parentElement).getBoundingClientRect();
    if (text.width && (text.right > edge.right + 1 || text.left < edge.left - 1)) found.push(texts.currentNode.data);
  }
  return found;
}
