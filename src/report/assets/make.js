// Makes elements of a page.
(() => {
  const make = (tag, attributes = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };
  window.gmmVae = { ...window.gmmVae, make };
})();
