#pragma once

#include "thz/eval/evaluation_result.h"

/// The fields of every part of an evaluation under their names in JSON, for an archive that writes
/// or reads. `later` marks those that results of earlier versions lack.
namespace thz::eval::fields {

// `S` is the struct, const when written.
template <typename Archive, typename S>
void visit_interval(Archive& a, S& i) {
  a("value", i.value);
  a("low", i.low);
  a("high", i.high);
}

template <typename Archive, typename S>
void visit_roc_point(Archive& a, S& p) {
  a("threshold", p.threshold);
  a("fmr", p.fmr);
  a("fnmr", p.fnmr);
}

template <typename Archive, typename S>
void visit_operating_point(Archive& a, S& p) {
  a("far", p.far);
  a("tar", p.tar);
  a("false_matches", p.false_matches);
  a("false_non_matches", p.false_non_matches);
  a("refused", p.refused);
}

template <typename Archive, typename S>
void visit_histogram(Archive& a, S& h) {
  a("low", h.low);
  a("high", h.high);
  a("share", h.share);
}

template <typename Archive, typename S>
void visit_margins(Archive& a, S& m) {
  a("cosine_positive", m.cosine_positive);
  a("cosine_negative", m.cosine_negative);
  a("l2_margin", m.l2_margin);
  a("normalised_margin", m.normalised_margin);
}

template <typename Archive, typename S>
void visit_verification(Archive& a, S& v) {
  a("system", v.system);
  a("title", v.title);
  a("posture_known", v.posture_known);
  a("triplet_accuracy", v.triplet_accuracy);
  a("triplets", v.triplets);
  a("eer", v.eer);
  a("rank_1", v.rank_1);
  a("rank_5", v.rank_5);
  a("rank_1_chance", v.rank_1_chance);
  a("rank_5_chance", v.rank_5_chance);
  a("genuine_pairs", v.genuine_pairs);
  a("impostor_pairs", v.impostor_pairs);
  a("tar_at_far", v.tar_at_far);
  a("roc", v.roc);
  a("band_fmr", v.band_fmr);
  a("band_tar", v.band_tar);
  a("genuine", v.genuine);
  a("impostor", v.impostor);
  a("cmc", v.cmc);
  a("margins", v.margins);
  a("centroid_retrieval_at_5", v.centroid_retrieval_at_5);
  a.later("open_set", v.open_set);
  a.later("calibration", v.calibration);
}

template <typename Archive, typename S>
void visit_open_set_point(Archive& a, S& p) {
  a("fpir", p.fpir);
  a("fnir", p.fnir);
  a("false_positives", p.false_positives);
  a("false_negatives", p.false_negatives);
  a("refused", p.refused);
}

template <typename Archive, typename S>
void visit_open_set(Archive& a, S& o) {
  a("mated", o.mated);
  a("non_mated", o.non_mated);
  a("points", o.points);
}

template <typename Archive, typename S>
void visit_calibration(Archive& a, S& c) {
  a("raw", c.raw);
  a("calibrated", c.calibrated);
  a("minimum", c.minimum);
}

template <typename Archive, typename S>
void visit_hard_pair(Archive& a, S& h) {
  a("genuine", h.genuine);
  a("probe_row", h.probe_row);
  a("gallery_row", h.gallery_row);
  a("probe_identity", h.probe_identity);
  a("gallery_identity", h.gallery_identity);
  a("posture", h.posture);
  a("distance", h.distance);
}

template <typename Archive, typename S>
void visit_map_point(Archive& a, S& p) {
  a("x", p.x);
  a("y", p.y);
  a("identity", p.identity);
  a("posture", p.posture);
  a("concealed", p.concealed);
}

template <typename Archive, typename S>
void visit_map(Archive& a, S& m) {
  a("share_x", m.share_x);
  a("share_y", m.share_y);
  a("points", m.points);
}

template <typename Archive, typename S>
void visit_alignment_space(Archive& a, S& s) {
  a("cka", s.cka);
  a("rank_correlation", s.rank_correlation);
  a("cosine", s.cosine);
  a("retrieval_at_5", s.retrieval_at_5);
}

template <typename Archive, typename S>
void visit_alignment(Archive& a, S& s) {
  a("images", s.images);
  a("identities", s.identities);
  a("projection", s.projection);
  a("latent", s.latent);
}

template <typename Archive, typename S>
void visit_posture(Archive& a, S& p) {
  a("names", p.names);
  a("accuracy", p.accuracy);
  a("accuracy_unconcealed", p.accuracy_unconcealed);
  a("macro_f1", p.macro_f1);
  a("ece", p.ece);
  a("chance", p.chance);
  a("images", p.images);
  a("confusion", p.confusion);
}

template <typename Archive, typename S>
void visit_region(Archive& a, S& r) {
  a("name", r.name);
  a("ssim", r.ssim);
  a("psnr_db", r.psnr_db);
}

template <typename Archive, typename S>
void visit_reconstruction(Archive& a, S& r) {
  a("system", r.system);
  a("title", r.title);
  a("ssim", r.ssim);
  a("psnr_db", r.psnr_db);
  a("edge_ssim", r.edge_ssim);
  a("edge_mae", r.edge_mae);
  a("regions", r.regions);
  a("pairs", r.pairs);
}

template <typename Archive, typename S>
void visit_example(Archive& a, S& e) {
  a("kind", e.kind);
  a("input_row", e.input_row);
  a("target_row", e.target_row);
  a("identity", e.identity);
  a("posture", e.posture);
  a("ssim", e.ssim);
  a("psnr_db", e.psnr_db);
}

template <typename Archive, typename S>
void visit_group(Archive& a, S& g) {
  a("kind", g.kind);
  a("name", g.name);
  a("triplet_accuracy", g.triplet_accuracy);
  a("posture_accuracy", g.posture_accuracy);
  a("ssim", g.ssim);
  a("probes", g.probes);
  a.later("persons", g.persons);
  a.later("triplet_interval", g.triplet_interval);
  a.later("eer", g.eer);
  a.later("eer_errors", g.eer_errors);
}

template <typename Archive, typename S>
void visit_run(Archive& a, S& r) {
  a("name", r.name);
  a("dataset_sha256", r.dataset_sha256);
  a("scene_sha256", r.scene_sha256);
  a("split_name", r.split_name);
  a("split_sha256", r.split_sha256);
  a("checkpoint_sha256", r.checkpoint_sha256);
  a("version", r.version);
  a("machine", r.machine);
  a("command", r.command);
  a("seed", r.seed);
  a("image_exposures", r.image_exposures);
  a("width", r.width);
  a("epochs", r.epochs);
  a.later("leaks", r.leaks);
  a("train_seconds", r.train_seconds);
  a("evaluate_seconds", r.evaluate_seconds);
  a("extra", r.extra);
}

template <typename Archive, typename S>
void visit_result(Archive& a, S& r) {
  a("run", r.run);
  a("test_images", r.test_images);
  a("test_concealed", r.test_concealed);
  a("test_identities", r.test_identities);
  a("train_images", r.train_images);
  a("resamples", r.resamples);
  a("verification_chance", r.verification_chance);
  a("verification", r.verification);
  a("posture", r.posture);
  a("reconstruction", r.reconstruction);
  a("examples", r.examples);
  a("groups", r.groups);
  a.later("hard_pairs", r.hard_pairs);
  a.later("embedding_map", r.embedding_map);
  a.later("alignment", r.alignment);
  a("notes", r.notes);
}

}  // namespace thz::eval::fields
