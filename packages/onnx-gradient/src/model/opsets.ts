/** What is read: from the first whose operators say how they behave, to that of ONNX Runtime 1.30. */
export const [oldestOpset, newestOpset] = [9, 26];

/** The opset whose forms the rules are written in; models of an older one are brought to it. */
export const baseOpset = 18;
