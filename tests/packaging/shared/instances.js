// Decides how the app counts the instances of WebAssembly that it makes, in whichever way.

/** Counts from here on; returns what asks for the number. Only instances that were made count. */
export function countInstances() {
  let made = 0;
  const counted = (result) => {
    made += 1;
    return result;
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...args) => original(...args).then(counted);
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct: (target, args) => counted(Reflect.construct(target, args)),
  });
  return () => made;
}
