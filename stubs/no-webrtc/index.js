// Scree's networks are plain TCP: whoever asks for WebRTC is told that there is none.
export default class NoWebRtc {
  static WEBRTC_SUPPORT = false;
  constructor() {
    throw new Error('WebRTC is not part of this installation');
  }
}
