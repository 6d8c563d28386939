// Decides what a frame is, as far as the faults have to know: an edit of a document, what a server sends back to who sent
// it, or a question for a sign of life that is answered by what was answered before.

const MARKER = 102;

/**
 * By what a server speaks: `isEdit` finds frames that carry content, in either direction; `isEcho` those that a client
 * gets back of its own, while it is alone; `isMarker` those that a server sends back as they came.
 */
export const DIALECTS = {
  "y-websocket": {
    isEdit: isYjsEdit,
    isEcho: (frame) => frame[0] === 1 || (frame[0] === 0 && frame[1] === 2),
    isMarker: (frame) => frame[0] === MARKER,
  },
  hocuspocus: {
    isEdit: (frame) => isYjsEdit(withoutName(frame)),
    isEcho: (frame) => DIALECTS["y-websocket"].isEcho(withoutName(frame)),
    isMarker: never,
  },
  // Their servers send nothing back to who sent it.
  loro: { isEdit: (frame) => !isText(frame) && frame[5 + frame[4]] === 3, isEcho: never, isMarker: never },
  automerge: { isEdit: (frame) => frame.includes("dtypedsync", 0, "latin1"), isEcho: never, isMarker: never },
  plain: { isEdit: () => true, isEcho: (frame) => String(frame) !== "seed. ", isMarker: never },
};

/** Content travels as the answer to what somebody has (1), or as it is made (2). */
function isYjsEdit(frame) {
  return frame[0] === 0 && (frame[1] === 1 || frame[1] === 2);
}

/** A Hocuspocus frame begins with the name of its document; those of the torture are shorter than 128 bytes. */
function withoutName(frame) {
  return frame.subarray(1 + frame[0]);
}

function isText(frame) {
  return frame.length < 6;
}

function never() {
  return false;
}
