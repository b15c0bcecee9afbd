// No router is ever asked to open a port.
export default class NoNatApi {
  map() {
    return Promise.resolve(false);
  }
  destroy() {
    return Promise.resolve();
  }
}
