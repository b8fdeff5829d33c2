// Made by reference/make_reference.py.

struct ReferenceProblem: Sendable {
  let order: Int
  let moments: [Double]
  let penalty: Double
  let penalisesDiagonal: Bool
  let objective: Double
  let peer: String
}

enum ReferenceValues {
  static let factors: [Double] = [
    1.0, 0.283498, -0.13611, 0.375385, -0.091527, 0.474668, -0.190291, -0.686038, -0.439009,
    0.499196,
    0.283498, 1.0, 0.544232, -0.137641, -0.815982, 0.724021, -0.60812, -0.574553, 0.178847,
    0.439189,
    -0.13611, 0.544232, 1.0, -0.412954, -0.625048, 0.538318, -0.448822, -0.035455, 0.321564,
    -0.039446,
    0.375385, -0.137641, -0.412954, 1.0, 0.343456, -0.022306, 0.190756, -0.159936, -0.163696,
    0.180619,
    -0.091527, -0.815982, -0.625048, 0.343456, 1.0, -0.659183, 0.466339, 0.394712, -0.239607,
    -0.348899,
    0.474668, 0.724021, 0.538318, -0.022306, -0.659183, 1.0, -0.547268, -0.708199, -0.185929,
    0.557564,
    -0.190291, -0.60812, -0.448822, 0.190756, 0.466339, -0.547268, 1.0, 0.361796, -0.082237,
    -0.144373,
    -0.686038, -0.574553, -0.035455, -0.159936, 0.394712, -0.708199, 0.361796, 1.0, 0.40905,
    -0.681122,
    -0.439009, 0.178847, 0.321564, -0.163696, -0.239607, -0.185929, -0.082237, 0.40905, 1.0,
    -0.33422,
    0.499196, 0.439189, -0.039446, 0.180619, -0.348899, 0.557564, -0.144373, -0.681122, -0.33422,
    1.0,
  ]

  static let scaled: [Double] = [
    0.25, 0.094499, -0.056712, 0.187692, -0.053391, 0.316445, -0.142718, -0.571698, -0.402425,
    0.499196,
    0.094499, 0.444444, 0.302351, -0.091761, -0.634653, 0.643574, -0.60812, -0.638392, 0.218591,
    0.585585,
    -0.056712, 0.302351, 0.694444, -0.344128, -0.607686, 0.598131, -0.561028, -0.049243, 0.491278,
    -0.065743,
    0.187692, -0.091761, -0.344128, 1.0, 0.400699, -0.029741, 0.286134, -0.26656, -0.300109,
    0.361238,
    -0.053391, -0.634653, -0.607686, 0.400699, 1.361111, -1.025396, 0.816093, 0.767496, -0.512493,
    -0.814098,
    0.316445, 0.643574, 0.598131, -0.029741, -1.025396, 1.777778, -1.094536, -1.573776, -0.454493,
    1.486837,
    -0.142718, -0.60812, -0.561028, 0.286134, 0.816093, -1.094536, 2.25, 0.90449, -0.226152,
    -0.433119,
    -0.571698, -0.638392, -0.049243, -0.26656, 0.767496, -1.573776, 0.90449, 2.777778, 1.249875,
    -2.270407,
    -0.402425, 0.218591, 0.491278, -0.300109, -0.512493, -0.454493, -0.226152, 1.249875, 3.361111,
    -1.225473,
    0.499196, 0.585585, -0.065743, 0.361238, -0.814098, 1.486837, -0.433119, -2.270407, -1.225473,
    4.0,
  ]

  static let singular: [Double] = [
    0.9999999999999999, 0.3672687287061835, -0.47293018470172266, -0.5915711948090466,
    0.6794313390025589, 0.011823591849826162, 0.3908241640383265, 0.823433554550825,
    0.36726872870618343, 1.0, -0.10525710122999372, -0.2000720105339434, 0.4511274613930359,
    0.04543179703094279, -0.23967392968832446, 0.2895816820622121,
    -0.4729301847017227, -0.10525710122999372, 0.9999999999999999, 0.8532464140919083,
    -0.24593430666140378, -0.1019730888801787, -0.24776451577466593, 0.09156982102638972,
    -0.5915711948090466, -0.2000720105339434, 0.8532464140919082, 1.0, -0.022918056218688587,
    0.1286887777159083, -0.011802262115885327, -0.19016487101236937,
    0.6794313390025589, 0.45112746139303594, -0.24593430666140378, -0.022918056218688587, 1.0,
    0.2977569821375951, 0.5294835063959645, 0.5033391703097163,
    0.01182359184982616, 0.0454317970309428, -0.10197308888017868, 0.12868877771590828,
    0.29775698213759505, 0.9999999999999999, 0.783298383786704, -0.05207373760961083,
    0.39082416403832654, -0.23967392968832446, -0.24776451577466596, -0.011802262115885328,
    0.5294835063959646, 0.783298383786704, 0.9999999999999999, 0.28005684031512434,
    0.823433554550825, 0.289581682062212, 0.09156982102638972, -0.19016487101236937,
    0.5033391703097163, -0.052073737609610836, 0.28005684031512434, 1.0,
  ]

  static let problems: [ReferenceProblem] = [
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.05, penalisesDiagonal: true,
      objective: 6.024570562854041, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.05, penalisesDiagonal: false,
      objective: 4.956023738463946, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.05, penalisesDiagonal: false,
      objective: 4.956023738463943, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.1, penalisesDiagonal: true,
      objective: 7.8082943204469855, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.1, penalisesDiagonal: false,
      objective: 6.1072000701638425, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.1, penalisesDiagonal: false,
      objective: 6.1072000701638425, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.3, penalisesDiagonal: true,
      objective: 11.801240170998227, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.3, penalisesDiagonal: false,
      objective: 8.624752268449155, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: factors, penalty: 0.3, penalisesDiagonal: false,
      objective: 8.624752268449157, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.05, penalisesDiagonal: true,
      objective: 8.621993969833387, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.05, penalisesDiagonal: false,
      objective: 7.454156656337249, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.05, penalisesDiagonal: false,
      objective: 7.454156656337252, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.1, penalisesDiagonal: true,
      objective: 10.302429692864314, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.1, penalisesDiagonal: false,
      objective: 8.496555065970547, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.1, penalisesDiagonal: false,
      objective: 8.496555065970549, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.3, penalisesDiagonal: true,
      objective: 14.017579473346784, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.3, penalisesDiagonal: false,
      objective: 10.737376398947925, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 10, moments: scaled, penalty: 0.3, penalisesDiagonal: false,
      objective: 10.737376398947923, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.05, penalisesDiagonal: true,
      objective: 3.9281723092233936, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.05, penalisesDiagonal: false,
      objective: 2.5804452865898178, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.05, penalisesDiagonal: false,
      objective: 2.580445286589818, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.1, penalisesDiagonal: true,
      objective: 5.992730663509065, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.1, penalisesDiagonal: false,
      objective: 4.3397237821023396, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.1, penalisesDiagonal: false,
      objective: 4.339723782102338, peer: "scikit-learn 1.9.1"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.3, penalisesDiagonal: true,
      objective: 9.383040664921086, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.3, penalisesDiagonal: false,
      objective: 6.726514012444266, peer: "R glasso 1.11"),
    ReferenceProblem(
      order: 8, moments: singular, penalty: 0.3, penalisesDiagonal: false,
      objective: 6.726514012444266, peer: "scikit-learn 1.9.1"),
  ]
}
