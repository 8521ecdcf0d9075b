// What a page holds, told in full: each shape of element and attribute, every address, script and style.
// `root` is a node; the answer is plain data. Templates' contents are looked into as well.
(root) => {
  const shapes = new Set(), addresses = new Map(), scripts = [], styles = new Set();
  const holders = new Set(["href", "src", "action", "formaction", "data", "poster", "background", "cite", "srcset",
                           "xlink:href", "ping", "longdesc", "usemap", "manifest", "codebase", "classid", "profile"]);
  const spaces = {"http://www.w3.org/1999/xhtml": "", "http://www.w3.org/2000/svg": "svg:",
                  "http://www.w3.org/1998/Math/MathML": "math:"};
  const look = (node) => {
    for (const element of node.querySelectorAll("*")) {
      const name = (spaces[element.namespaceURI] ?? "other:") + element.localName;
      shapes.add(name);
      for (const attribute of element.attributes) {
        shapes.add(name + "@" + attribute.name);
        if (holders.has(attribute.name)) {
          let protocol = "none";
          try { protocol = new URL(attribute.value, document.baseURI).protocol } catch { }
          if (protocol === "data:") protocol = attribute.value.slice(0, 60);
          addresses.set(name + "@" + attribute.name + " " + protocol, attribute.value.slice(0, 200));
        }
        if (attribute.name === "style") styles.add(attribute.value);
        if (attribute.name === "http-equiv") shapes.add(name + "=" + attribute.value.toLowerCase());
      }
      if (element.localName === "script") scripts.push(element.textContent);
      if (element.localName === "style") styles.add(element.textContent);
      if (element.content instanceof DocumentFragment) look(element.content);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(root);
  return {shapes: [...shapes], addresses: [...addresses], scripts, styles: [...styles], pwned: window.__pwned ?? null};
}
