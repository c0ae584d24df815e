#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <set>

#include "evaluate_parts.h"
#include "pairing.h"

namespace thz::eval::internal {
namespace {

constexpr std::size_t kHardPairsOfAKind = 6;

/// Pairs in order of hardness; whose persons were seen before is left out.
void keep_hardest(std::vector<HardPair> pairs, std::vector<HardPair>& into) {
  const auto harder = [](const HardPair& a, const HardPair& b) {
    return a.genuine ? a.distance > b.distance : a.distance < b.distance;
  };
  std::stable_sort(pairs.begin(), pairs.end(), harder);
  std::set<std::pair<int32_t, int32_t>> seen;
  for (const HardPair& pair : pairs) {
    if (seen.size() == kHardPairsOfAKind) return;
    if (seen.insert(std::minmax(pair.probe_identity, pair.gallery_identity)).second) {
      into.push_back(pair);
    }
  }
}

}  // namespace

void find_hard_pairs(const EvaluationContext& context, const ScoreTable& network,
                     EvaluationResult& result) {
  std::vector<HardPair> genuine, impostor;
  // The nearest impostor, and the farthest genuine image, of every probe are enough.
  for (std::size_t p = 0; p < network.probe.size(); ++p) {
    HardPair worst[2];
    bool found[2] = {false, false};
    for (std::size_t g = 0; g < network.gallery.size(); ++g) {
      const PairKind kind = pair_kind(network, PostureRule::kSame, p, g);
      if (kind == PairKind::kNone) continue;
      const std::size_t side = kind == PairKind::kGenuine ? 1 : 0;
      const double distance = distance_at(network, p, g);
      const bool harder =
          side == 1 ? distance > worst[side].distance : distance < worst[side].distance;
      if (found[side] && !harder) continue;
      found[side] = true;
      worst[side] = {side == 1,
                     context.concealed[p],
                     context.unconcealed[g],
                     network.probe.identity[p],
                     network.gallery.identity[g],
                     network.probe.posture[p],
                     distance};
    }
    if (found[0]) impostor.push_back(worst[0]);
    if (found[1]) genuine.push_back(worst[1]);
  }
  keep_hardest(std::move(genuine), result.hard_pairs);
  keep_hardest(std::move(impostor), result.hard_pairs);
}

std::optional<EmbeddingMap> map_embeddings(const MatrixF& embeddings, const Labels& labels) {
  if (embeddings.rows() < 3 || embeddings.cols() < 3) return std::nullopt;
  Eigen::MatrixXd rows = embeddings.cast<double>().rowwise().normalized();
  rows.rowwise() -= rows.colwise().mean().eval();
  const Eigen::MatrixXd covariance = rows.transpose() * rows;
  const double total = covariance.trace();
  if (!(total > 0.0)) return std::nullopt;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const auto axis = [&](Eigen::Index k) -> Eigen::VectorXd {
    Eigen::VectorXd v = solver.eigenvectors().col(covariance.cols() - 1 - k);
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    return v(largest) < 0.0 ? Eigen::VectorXd(-v) : v;
  };
  const Eigen::VectorXd x = rows * axis(0), y = rows * axis(1);
  EmbeddingMap map;
  map.share_x = x.squaredNorm() / total;
  map.share_y = y.squaredNorm() / total;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto at = static_cast<Eigen::Index>(r);
    map.points.push_back(
        {x(at), y(at), labels.identity[r], labels.posture[r], labels.concealed[r] != 0});
  }
  return map;
}

}  // namespace thz::eval::internal
