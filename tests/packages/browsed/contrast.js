// What cannot be read well on a page: every element with text of its own whose colour is too near to what is
// painted behind it, as WCAG 2.2 has it (1.4.3).
() => {
  const channels = (text) => {
    const found = (text.match(/[\d.]+/g) || []).map(Number);
    return found.length < 4 ? [...found, 1] : found;
  };
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return [255, 255, 255, 1];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("[aria-hidden=true], [role=img]") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const pair = [light(channels(style.color)), light(behind(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.6 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${element.tagName} ${ratio.toFixed(2)} ${element.textContent}`);
  }
  return poor;
};
